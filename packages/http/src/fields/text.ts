import type { Text } from '../failure.ts';
import { type Field, field, type Given, obey, type Presence, type Report, type Rule } from './field.ts';

export interface TextOptions extends Presence {
  /** In characters (code points), as every length. */
  readonly min?: number;
  readonly max?: number;
  /** Tried after `min` and `max`, in this order. */
  readonly rules?: readonly Rule<string>[];
}

/** Numbers are taken as text, everything else that is none is refused (spec README.md, decision 6). */
export const readText = (value: unknown, report: Report): string | undefined => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return String(value);
  report({ key: 'string' });
  return undefined;
};

/** The text of a value that nothing has checked yet: for who looks something up beside the check, which tells what is wrong with it. */
export const textOf = (value: unknown): string | undefined => readText(value, () => undefined);

/** A field that starts as text and becomes a `T`. `read` gets the text only. */
export const textual = <T, const P extends Presence>(presence: P, read: (text: string, report: Report) => T): Field<Given<T, P>> =>
  field(presence, (value, report) => {
    const text = readText(value, report);
    // What stands in for a value that was reported is dropped by `field`.
    return text === undefined ? (undefined as T) : read(text, report);
  });

/** Any text. `text({ required: true, min: 6, rules: [noUppercase] })` */
export const text = <const O extends TextOptions>(options: O = {} as O): Field<Given<string, O>> => {
  const rules = [...lengths(options), ...(options.rules ?? [])];
  return textual(options, (value, report) => obey(value, rules, report));
};

export const lengths = ({ min, max }: { min?: number | undefined; max?: number | undefined }): Rule<string>[] => [
  ...(min === undefined ? [] : [atLeast(min)]),
  ...(max === undefined ? [] : [atMost(max)]),
];

const highSurrogates = /[\ud800-\udbff](?=[\udc00-\udfff])/g;

/** Length in characters as people count code points: an emoji outside the first plane is one. */
export const characters = (value: string): number => value.length - (value.match(highSurrogates)?.length ?? 0);

export const atLeast =
  (n: number): Rule<string> =>
  (value) =>
    characters(value) < n ? { key: 'min_text', values: { n } } : undefined;

export const atMost =
  (n: number): Rule<string> =>
  (value) =>
    value.length > n && characters(value) > n ? { key: 'max_text', values: { n } } : undefined;

/** The pattern must be linear in time: it is run on what strangers send. */
export const matches =
  (pattern: RegExp, text: Text): Rule<string> =>
  (value) =>
    pattern.test(value) ? undefined : text;

export const oneOfTexts = <const V extends string>(choices: readonly V[], text: Text): Rule<string> => {
  const known: ReadonlySet<string> = new Set(choices);
  return (value) => (known.has(value) ? undefined : text);
};

/** ASCII only: other capitals are caught by the patterns of the fields. */
export const noUppercase: Rule<string> = matches(/^[^A-Z]*$/, { key: 'no_uppercase' });
/** Letters and digits of any script, as the original's rule. */
export const alphaNum: Rule<string> = matches(/^[\p{L}\p{M}\p{N}]+$/u, { key: 'alpha_num' });
export const alphaDash: Rule<string> = matches(/^[\p{L}\p{M}\p{N}_-]+$/u, { key: 'alpha_dash' });
export const noSpaces: Rule<string> = matches(/^\S*$/u, { key: 'contains_spaces' });
/** Exactly `n` ASCII digits; send it as text or number. */
export const digits = (n: number): Rule<string> => matches(new RegExp(`^[0-9]{${n}}$`), { key: 'digits', values: { n } });
/** The field must not be what it is already: `The selected email is invalid.` */
export const notUnchanged =
  (current: string | null): Rule<string> =>
  (value) =>
    value === current ? { key: 'unchanged' } : undefined;
