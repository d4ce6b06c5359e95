import type { Text } from '../failure.ts';
import { type Field, field, type Given, obey, type Presence, type Rule } from './field.ts';
import { textual } from './text.ts';

const booleans = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ['1', true],
  [false, false],
  [0, false],
  ['0', false],
]);

/** `true false 1 0 "1" "0"` (spec auth-and-errors.md §2). */
export const boolean = <const P extends Presence>(presence: P = {} as P): Field<Given<boolean, P>> =>
  field(presence, (value, report) => {
    const read = booleans.get(value);
    if (read === undefined) report({ key: 'boolean' });
    return read ?? false;
  });

export interface IntegerOptions extends Presence {
  readonly min?: number;
  readonly max?: number;
  readonly rules?: readonly Rule<number>[];
}

const integerText = /^[+-]?(?:0|[1-9][0-9]*)$/;

const readInteger = (value: unknown): number | undefined => {
  const read = typeof value === 'string' && integerText.test(value) ? Number(value) : value;
  // + 0 turns -0 into 0
  return typeof read === 'number' && Number.isSafeInteger(read) ? read + 0 : undefined;
};

/** A JSON integer, `7.0`, or a text such as `"7"`, `"+7"`, `"-1"`; not `"07"`, `"7.0"`, `7.5` (spec spaces.md §5). */
export const integer = <const O extends IntegerOptions>(options: O = {} as O): Field<Given<number, O>> => {
  const rules = [...bounds(options), ...(options.rules ?? [])];
  return field(options, (value, report) => {
    const read = readInteger(value);
    if (read === undefined) report({ key: 'integer' });
    return read === undefined ? 0 : obey(read, rules, report);
  });
};

const bounds = ({ min, max }: IntegerOptions): Rule<number>[] => [
  ...(min === undefined ? [] : [(value: number) => (value < min ? ({ key: 'min_number', values: { n: min } } as const) : undefined)]),
  ...(max === undefined ? [] : [(value: number) => (value > max ? ({ key: 'max_number', values: { n: max } } as const) : undefined)]),
];

/** One of some texts, to the letter. `refusal` is for the fields with a text of their own (`push_provider`, `password_algorithm`). */
export const oneOf = <const V extends string, const P extends Presence>(
  choices: readonly V[],
  presence: P = {} as P,
  refusal: Text = { key: 'one_of' },
): Field<Given<V, P>> =>
  textual(presence, (value, report) => {
    const chosen = choices.find((choice) => choice === value);
    if (chosen === undefined) report(refusal);
    return chosen as V;
  });
