import type { SQLInputValue } from 'node:sqlite';
import { servingIndex } from '../indexed.ts';
import type { ProjectionRef, Query } from '../port.ts';
import { fieldOf, tableOf } from './tables.ts';

export interface Sql {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** A query in SQL that uses a declared index for all of its conditions and its order. @throws NotIndexed when there is none. */
export const queryOf = (projection: ProjectionRef, collectionName: string, query: Query): Sql => {
  const index = servingIndex(projection, collectionName, query) ?? [];
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  for (const [field, value] of Object.entries(query.where ?? {})) {
    if (value === null) conditions.push(`${fieldOf(field)} IS NULL`);
    else {
      conditions.push(`${fieldOf(field)} = ?`);
      values.push(typeof value === 'boolean' ? Number(value) : value); // json_extract answers 0 and 1
    }
  }
  const { range, order, offset = 0, limit } = query;
  if (range?.from !== undefined) {
    conditions.push(`${fieldOf(range.field)} >= ?`);
    values.push(range.from);
  }
  if (range?.below !== undefined) {
    conditions.push(`${fieldOf(range.field)} < ?`);
    values.push(range.below);
  }
  const direction = order?.direction === 'descending' ? 'DESC' : 'ASC';
  // In the order of the index to its end, whatever was asked: nothing is sorted, and equal ones keep one order, so pages do not overlap.
  const rest = index.slice(Object.keys(query.where ?? {}).length).map(fieldOf);
  const by = [...rest, 'rowid'].map((field) => `${field} ${direction}`);
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  return {
    sql: `SELECT body FROM ${tableOf(projection, collectionName)}${where} ORDER BY ${by.join(', ')} LIMIT ? OFFSET ?`,
    values: [...values, limit, offset],
  };
};
