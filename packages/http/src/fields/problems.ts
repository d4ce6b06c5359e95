import type { Problems, Text } from '../failure.ts';

/** Problems that a route finds by itself, by look-ups: `problems.add('username', { key: 'unique' })`. */
export class ProblemList {
  readonly #found = new Map<string, Text[]>();

  add(field: string, ...texts: readonly Text[]): this {
    const present = this.#found.get(field);
    if (present === undefined) this.#found.set(field, [...texts]);
    else present.push(...texts);
    return this;
  }

  get problems(): Problems {
    return this.#found;
  }
}

/** Fields in the order of `order`, a nested field after the field that holds it, others last; within a field `problems` go first. */
export const withProblems = (order: readonly string[], problems: Problems, more: Problems | ProblemList): Problems => {
  const later = more instanceof ProblemList ? more.problems : more;
  if (later.size === 0) return problems;
  const place = placeIn(order);
  const fields = [...new Set([...problems.keys(), ...later.keys()])].sort((a, b) => place(a) - place(b));
  return new Map(fields.map((field) => [field, [...(problems.get(field) ?? []), ...(later.get(field) ?? [])]]));
};

const placeIn = (order: readonly string[]) => {
  const places = new Map(order.map((field, place) => [field, place]));
  return (field: string): number => places.get(field) ?? places.get(field.split('.', 1)[0] ?? field) ?? order.length;
};
