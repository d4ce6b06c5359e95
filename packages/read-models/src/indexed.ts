import { NotIndexed, type ProjectionRef, type Query } from './port.ts';

/**
 * The fields of the declared index that serves a query; undefined when it asks for all documents. Every engine refuses the same
 * queries, so that one that is quick on a small embedded store does not scan a large distributed one. @throws NotIndexed.
 */
export const servingIndex = (
  { name, collections }: ProjectionRef,
  collectionName: string,
  { where = {}, range, order }: Omit<Query, 'limit'>,
): readonly string[] | undefined => {
  const equal = Object.keys(where);
  const then = order?.by ?? (range === undefined ? [] : [range.field]);
  if (equal.length === 0 && then.length === 0 && range === undefined) return undefined;
  const indexes = collections.find((collection) => collection.name === collectionName)?.indexes ?? [];
  const serves = (fields: readonly string[]) =>
    equal.every((field) => fields.slice(0, equal.length).includes(field)) &&
    (range === undefined || fields[equal.length] === range.field) &&
    then.every((field, index) => fields[equal.length + index] === field);
  const [shortest] = indexes.filter(serves).toSorted((a, b) => a.length - b.length);
  if (shortest === undefined)
    throw new NotIndexed(`${name} has no index on ${collectionName} that serves ${[...equal, ...then].join(', ')}`);
  return shortest;
};
