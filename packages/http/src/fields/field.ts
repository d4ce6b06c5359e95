import { z } from 'zod';
import type { Text } from '../failure.ts';

/** One field of a body: a zod schema whose issues carry texts of the catalogue. What it yields is inferred: `z.output<typeof field>`. */
export type Field<T> = z.ZodType<T>;

/** What a field must fulfil: nothing, or the text that tells why not. Every failing rule of a field adds its text. */
export type Rule<T> = (value: T) => Text | undefined;

/**
 * Whether a field may be missing. Without any of them it may be absent or null.
 * `required`: neither absent nor null (nor empty). `present`: the key is there, null is fine.
 * `filled`: absent is fine, null is not; a text says so in other words.
 * `requiredWith`: required when one of those other fields has a value.
 */
export interface Presence {
  readonly required?: boolean;
  readonly present?: boolean;
  readonly filled?: boolean | Text;
  readonly requiredWith?: readonly string[];
}

/** What comes out under a presence: `undefined` = absent, `null` = given as null or as an empty text. */
export type Given<T, P extends Presence> = P extends { readonly required: true }
  ? T
  : P extends { readonly present: true }
    ? T | null
    : P extends { readonly filled: true | Text }
      ? T | undefined
      : T | null | undefined;

/** Other fields with which a field is required: its own schema cannot see them, so `check` looks them up here. */
export const requiredWith = z.registry<{ readonly fields: readonly string[] }>();

export const isMissing = (value: unknown): value is undefined | null | '' => value === undefined || value === null || value === '';

/** Adds a text to the field that is being read; with a path, to a field inside it. */
export type Report = (text: Text, path?: readonly string[]) => void;

const carried = (text: Text, path: readonly string[]) => ({
  code: 'custom' as const,
  message: text.key,
  path: [...path],
  params: { text },
});

const carrier = z.object({ text: z.custom<Text>((text) => typeof text === 'object' && text !== null && 'key' in text) });

/** The text that an issue of one of our fields carries. Another schema's issue (a plain `z.uuid()` among the fields): it is not one of what may be. */
export const textOf = (issue: z.core.$ZodIssue): Text => {
  const carried = issue.code === 'custom' ? carrier.safeParse(issue.params) : undefined;
  return carried?.success ? carried.data.text : { key: 'one_of' };
};

const absence = (presence: Presence, value: undefined | null | ''): Text | undefined => {
  if (presence.required) return { key: 'required' };
  if (presence.present && value === undefined) return { key: 'present' };
  if (presence.filled && value !== undefined) return presence.filled === true ? { key: 'filled' } : presence.filled;
  return undefined;
};

/**
 * A field of any kind. `read` gets what is neither absent nor null, reports what is wrong with it and returns the value;
 * what it returns after a report is dropped. It never throws, whatever JSON it gets.
 */
export const field = <T, const P extends Presence>(presence: P, read: (value: unknown, report: Report) => T): Field<Given<T, P>> => {
  const schema = z.unknown().transform((value, context): T | null | undefined => {
    const report: Report = (text, path = []) => context.addIssue(carried(text, path));
    if (!isMissing(value)) return read(value, report);
    const missing = absence(presence, value);
    if (missing !== undefined) report(missing);
    return value === undefined ? undefined : null;
  });
  if (presence.requiredWith !== undefined) schema.register(requiredWith, { fields: presence.requiredWith });
  // `Given` says in types what `absence` has just ensured.
  return schema as unknown as Field<Given<T, P>>;
};

/** Runs all rules, in order; none stops the next. */
export const obey = <T>(value: T, rules: readonly Rule<T>[], report: Report): T => {
  for (const rule of rules) {
    const text = rule(value);
    if (text !== undefined) report(text);
  }
  return value;
};
