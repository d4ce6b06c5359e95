import type { Filter, Sort } from 'mongodb';
import { servingIndex } from '../indexed.ts';
import type { ProjectionRef, Query } from '../port.ts';
import { fieldOf, type StoredDocument } from './layout.ts';

export interface MongoQuery {
  readonly filter: Filter<StoredDocument>;
  readonly sort: Sort;
  readonly skip: number;
  readonly limit: number;
}

const MOST = 2 ** 31 - 1;

/** A query that works on a declared index for all of its conditions and its order. @throws NotIndexed when there is none. */
export const queryOf = (projection: ProjectionRef, collection: string, query: Query): MongoQuery => {
  const index = servingIndex(projection, collection, query) ?? [];
  const { where = {}, range, order, offset = 0, limit } = query;
  const equal = Object.entries(where).map(([field, value]) => [fieldOf(field), value] as const); // null: also where it is absent
  const between = range && {
    ...(range.from !== undefined && { $gte: range.from }),
    ...(range.below !== undefined && { $lt: range.below }),
  };
  const direction = order?.direction === 'descending' ? -1 : 1;
  // In the order of the index to its end, whatever was asked: nothing is sorted.
  const rest = index.slice(equal.length).map((field) => [fieldOf(field), direction] as const);
  return {
    filter: Object.fromEntries([
      ...equal,
      ...(range && between && Object.keys(between).length > 0 ? [[fieldOf(range.field), between] as const] : []),
    ]),
    sort: Object.fromEntries([...rest, ['_id', direction] as const]),
    skip: offset,
    limit: Math.min(limit, MOST),
  };
};
