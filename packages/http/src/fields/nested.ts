import { check, type Fields, type ValueOf } from './check.ts';
import { type Field, field, type Given, type Presence } from './field.ts';

/** An object inside the body. Its problems have dotted names: `invite_terminated.at` (spec auth-and-errors.md §10). */
export const nested = <const F extends Fields, const P extends Presence>(fields: F, presence: P = {} as P): Field<Given<ValueOf<F>, P>> =>
  field(presence, (value, report) => {
    const inside = isObject(value) ? value : {};
    if (inside !== value) report({ key: 'one_of' });
    const checked = check(fields, inside);
    if (inside === value) for (const [name, texts] of checked.problems) for (const text of texts) report(text, [name]);
    // Partial only where a problem was reported, and then it is dropped.
    return checked.value as ValueOf<F>;
  });

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
