import type { z } from 'zod';
import { invalid, type Problems, type Text } from '../failure.ts';
import { isMissing, requiredWith, textOf } from './field.ts';
import { ProblemList, withProblems } from './problems.ts';

/** The fields of a body, in the order in which `errors` lists them. Never name one like an integer: JavaScript would move it. */
export type Fields = Readonly<Record<string, z.ZodType>>;

/** What a body yields under its fields; each key is there, `undefined` where the body has none. */
export type ValueOf<F extends Fields> = { readonly [Name in keyof F]: z.output<F[Name]> };

export interface Checked<F extends Fields> {
  /** The fields that are right, so that look-ups can go on beside the wrong ones. */
  readonly value: Partial<ValueOf<F>>;
  readonly problems: Problems;
  /** Names of the fields, for `withProblems`. */
  readonly order: readonly string[];
}

/** Checks every field; unknown members are ignored. Never throws, whatever JSON the body holds. */
export const check = <F extends Fields>(fields: F, body: Readonly<Record<string, unknown>>): Checked<F> => {
  const value: Record<string, unknown> = {};
  const found = new ProblemList();
  for (const [name, schema] of Object.entries(fields)) {
    const given = Object.hasOwn(body, name) ? body[name] : undefined;
    const needed = missingWith(schema, given, body);
    const result = needed === undefined ? schema.safeParse(given) : undefined;
    if (needed !== undefined) found.add(name, needed);
    else if (result?.success) value[name] = result.data;
    else for (const issue of result?.error.issues ?? []) found.add([name, ...issue.path].join('.'), textIn(name, issue));
  }
  return { value: value as Partial<ValueOf<F>>, problems: found.problems, order: Object.keys(fields) };
};

/** `required_with`, which only the body as a whole can tell. */
const missingWith = (schema: z.ZodType, given: unknown, body: Readonly<Record<string, unknown>>): Text | undefined => {
  const others = isMissing(given) ? requiredWith.get(schema)?.fields : undefined;
  if (others?.some((other) => Object.hasOwn(body, other) && !isMissing(body[other])) !== true) return undefined;
  return { key: 'required_with', values: { other: others.join(' / ') } };
};

/** The text of an issue; inside a nested object its other fields get their whole names, as its own field does. */
const textIn = (name: string, issue: z.core.$ZodIssue): Text => {
  const text = textOf(issue);
  const other = text.values?.other;
  if (issue.path.length === 0 || other === undefined) return text;
  const whole = String(other)
    .split(' / ')
    .map((field) => `${name}.${field}`);
  return { ...text, values: { ...text.values, other: whole.join(' / ') } };
};

/** The value, when neither the fields nor the route (`more`: what look-ups found) have anything against it; else throws the 422. */
export const accept = <F extends Fields>({ value, problems, order }: Checked<F>, more?: Problems | ProblemList): ValueOf<F> => {
  const all = more === undefined ? problems : withProblems(order, problems, more);
  if (all.size > 0) throw invalid(all);
  // Without problems every field has its value.
  return value as ValueOf<F>;
};

/** Check and accept in one, where no look-up is needed. Throws the 422. */
export const parse = <F extends Fields>(fields: F, body: Readonly<Record<string, unknown>>): ValueOf<F> => accept(check(fields, body));
