import type { Collection, Document, IndexDirection } from 'mongodb';

export interface Index {
  readonly key: Readonly<Record<string, IndexDirection>>;
  readonly unique?: true;
  /** Documents without the field are not in it. */
  readonly sparse?: true;
}

/**
 * Makes the indexes that are not there yet, one after the other: FerretDB 1.24 breaks on a list of which some are. Their names tell their fields,
 * so an index whose options change needs another name: none has so far.
 */
export const makeIndexes = async <D extends Document>(collection: Collection<D>, indexes: readonly Index[]): Promise<void> => {
  const there = await namesOf(collection);
  for (const { key, ...options } of indexes) {
    const name = nameOf(key);
    if (!there.has(name)) await collection.createIndex(key, { name, ...options });
  }
};

/** Drops every other index, but that of the ids. */
export const keepIndexes = async <D extends Document>(collection: Collection<D>, indexes: readonly Index[]): Promise<void> => {
  const kept = new Set(['_id_', ...indexes.map(({ key }) => nameOf(key))]);
  for (const name of await namesOf(collection)) if (!kept.has(name)) await collection.dropIndex(name);
};

const nameOf = (key: Index['key']): string =>
  Object.entries(key)
    .map(([field, direction]) => `${field}_${direction}`)
    .join('_');

const namesOf = async <D extends Document>(collection: Collection<D>): Promise<ReadonlySet<string>> => {
  try {
    return new Set((await collection.indexes()).map(({ name = '' }) => name));
  } catch (error) {
    if (isUnknownCollection(error)) return new Set();
    throw error;
  }
};

const isUnknownCollection = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 26;
