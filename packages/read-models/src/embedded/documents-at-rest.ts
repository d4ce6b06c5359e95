import type { Position } from '@flexistream/kernel';
import { openAtRest } from '@flexistream/sqlite';
import type { Document, ProjectionRef } from '../port.ts';
import { tableOf } from './tables.ts';

export interface DocumentAtRest {
  readonly id: string;
  /** The log position that it last took in. */
  readonly position: Position;
  readonly document: Document;
}

/** The documents of a service that no process has open. */
export interface DocumentsAtRest {
  /** Undefined: this version of the projection was never built there. */
  checkpoint(projection: ProjectionRef): Position | undefined;
  /** Ordered by id; `after` is the last id of the page before. */
  page(projection: ProjectionRef, collection: string, after: string, limit: number): readonly DocumentAtRest[];
  getMany(projection: ProjectionRef, collection: string, ids: readonly string[]): readonly DocumentAtRest[];
  count(projection: ProjectionRef, collection: string): number;
  parked(projection: ProjectionRef): readonly string[];
  close(): void;
}

type Row = { readonly id: string; readonly position: number; readonly body: string };

export const openDocumentsAtRest = (file: string): DocumentsAtRest => {
  const reader = openAtRest(file);
  const rows = (found: readonly Row[]): readonly DocumentAtRest[] =>
    found.map(({ id, position, body }) => ({ id, position, document: JSON.parse(body) }));
  return {
    checkpoint: ({ name, version }) =>
      reader.get<{ checkpoint: number }>('SELECT checkpoint FROM projections WHERE name = ? AND version = ?', name, version)?.checkpoint,
    page: (projection, collection, after, limit) => {
      const sql = `SELECT id, position, body FROM ${tableOf(projection, collection)} WHERE id > ? ORDER BY id LIMIT ?`;
      return rows(reader.all<Row>(sql, after, limit));
    },
    getMany: (projection, collection, ids) => {
      const sql = `SELECT id, position, body FROM ${tableOf(projection, collection)} WHERE id IN (SELECT value FROM json_each(?))`;
      return rows(reader.all<Row>(sql, JSON.stringify(ids)));
    },
    count: (projection, collection) => reader.get<{ n: number }>(`SELECT count(*) AS n FROM ${tableOf(projection, collection)}`)?.n ?? 0,
    parked: ({ name, version }) =>
      reader.all<{ key: string }>('SELECT DISTINCT key FROM parked WHERE name = ? AND version = ?', name, version).map(({ key }) => key),
    close: () => reader.close(),
  };
};
