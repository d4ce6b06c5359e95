import type { MongoClient } from 'mongodb';

/** A write that an adapter is about to make. */
export interface Write {
  readonly collection: string;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Stands between an adapter and each of its writes: may make it, make it otherwise, or fail before or after it. */
export type Interpose = (write: Write, make: (args: readonly unknown[]) => Promise<unknown>) => Promise<unknown>;

const WRITES = new Set([
  ...['insertOne', 'insertMany', 'updateOne', 'updateMany', 'replaceOne', 'deleteOne', 'deleteMany', 'bulkWrite', 'drop'],
]);

/** The same client, seen through `interpose`. */
export const interposed = (client: MongoClient, interpose: Interpose): MongoClient =>
  replacing(client, 'db', (db) => replacing(db, 'collection', (collection) => watched(collection, interpose)));

/** Answers as `target` does, but what its method `name` returns goes through `change`. */
const replacing = <T extends object>(target: T, name: string, change: (result: object) => object): T =>
  new Proxy(target, {
    get: (_, property) => {
      const value: unknown = Reflect.get(target, property, target);
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => unknown;
      return property === name ? (...args: unknown[]) => change(method(...args) as object) : method;
    },
  });

const watched = (collection: object, interpose: Interpose): object =>
  new Proxy(collection, {
    get: (_, property) => {
      const value: unknown = Reflect.get(collection, property, collection);
      if (typeof value !== 'function') return value;
      const method = value.bind(collection) as (...args: unknown[]) => Promise<unknown>;
      if (typeof property !== 'string' || !WRITES.has(property)) return method;
      const name = String(Reflect.get(collection, 'collectionName', collection));
      return (...args: unknown[]) => interpose({ collection: name, method: property, args }, (made) => method(...made));
    },
  });

/** A process that dies at its `nth` write, before or after it was made: nothing of it goes on. */
export const dyingAt = (nth: number, when: 'before' | 'after'): { readonly interpose: Interpose; readonly died: () => boolean } => {
  let writes = 0;
  const died = () => new Error('the process has died');
  return {
    died: () => writes >= nth,
    interpose: async ({ args }, make) => {
      writes++;
      if (writes > nth || (writes === nth && when === 'before')) throw died();
      const result = await make(args);
      if (writes >= nth) throw died();
      return result;
    },
  };
};
