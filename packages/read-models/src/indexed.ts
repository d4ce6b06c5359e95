import { NotIndexed, type ProjectionRef, type Query } from './port.ts';

/** Every engine refuses the same queries, so that one that is quick on a small embedded store does not scan a large distributed one. */
export const refuseWithoutIndex = (
  { name, collections }: ProjectionRef,
  collectionName: string,
  { where = {}, range, order }: Omit<Query, 'limit'>,
): void => {
  const equal = Object.keys(where);
  const then = order?.by ?? (range === undefined ? [] : [range.field]);
  if (equal.length === 0 && then.length === 0 && range === undefined) return;
  const indexes = collections.find((collection) => collection.name === collectionName)?.indexes ?? [];
  const serves = (fields: readonly string[]) =>
    equal.every((field) => fields.slice(0, equal.length).includes(field)) &&
    (range === undefined || fields[equal.length] === range.field) &&
    then.every((field, index) => fields[equal.length + index] === field);
  if (indexes.some(serves)) return;
  throw new NotIndexed(`${name} has no index on ${collectionName} that serves ${[...equal, ...then].join(', ')}`);
};
