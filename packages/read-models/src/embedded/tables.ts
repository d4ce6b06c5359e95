import type { Collection } from '../port.ts';

/** Everything about projections but their documents. `writes` counts what was folded outside the writer, so that no fold is lost. */
export const viewsSchema = `
  CREATE TABLE IF NOT EXISTS projections (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    checkpoint INTEGER NOT NULL DEFAULT 0,
    writes INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS collections (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    collection TEXT NOT NULL,
    PRIMARY KEY (name, version, collection)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parked (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    position INTEGER NOT NULL,
    key TEXT NOT NULL,
    error TEXT NOT NULL,
    PRIMARY KEY (name, version, position)
  ) STRICT, WITHOUT ROWID;
`;

/** Name and version of a projection. */
export interface Named {
  readonly name: string;
  readonly version: number;
}

/** A table for each collection of each version, quoted for SQL. */
export const tableOf = ({ name, version }: Named, collection: string): string => `"${word(name)}@${version}.${word(collection)}"`;

export const documentsSchema = (projection: Named, collection: string): string =>
  `CREATE TABLE IF NOT EXISTS ${tableOf(projection, collection)} (id TEXT PRIMARY KEY, position INTEGER NOT NULL, body TEXT NOT NULL) STRICT`;

export const indexName = (projection: Named, collection: string, fields: readonly string[]): string =>
  `${tableOf(projection, collection).slice(1, -1)} by ${fields.map(word).join(', ')}`;

export const indexSchema = (projection: Named, { name }: Collection, fields: readonly string[]): string =>
  `CREATE INDEX IF NOT EXISTS "${indexName(projection, name, fields)}" ON ${tableOf(projection, name)} (${fields.map(fieldOf).join(', ')})`;

/** Queries must use the very expression that the index was made of. */
export const fieldOf = (field: string): string => `json_extract(body, '$.${word(field)}')`;

/** Names come from our own code; this keeps a slip from becoming SQL. */
const word = (text: string): string => {
  if (!/^[A-Za-z_][\w-]*$/.test(text)) throw new RangeError(`not a name for a projection, collection or field: ${text}`);
  return text;
};
