import { isDuplicate, UntilClosed } from '@flexistream/mongodb';
import type { KeyRecord } from '../port.ts';
import { fieldsOf, type KeyDocument, recordOf } from './key-document.ts';
import { type MongoKeyStoreOptions, openMongoKeyStore } from './mongo-key-store.ts';

/** What stands under an id: a record, or that it was destroyed. */
export type Kept = KeyRecord | 'destroyed';

/** Writes another key store, whole, in pages. What is there already is told, so that the caller may compare. */
export interface KeyImport {
  /** What stands under these ids. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, Kept>>;
  /** All ids in order, at most `limit`; `after` is the last one of the page before. */
  ids(after: string, limit: number): Promise<readonly string[]>;
  /** What stands under an id, or has the same hash, stays: the caller compares afterwards. */
  add(records: readonly KeyRecord[], destroyed: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export const openKeyImport = async (options: MongoKeyStoreOptions): Promise<KeyImport> => {
  await (await openMongoKeyStore(options)).close(); // its indexes
  const keys = options.client.db(options.database).collection<KeyDocument>('keys', {
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
  });
  const gate = new UntilClosed('the key store');
  return {
    find: (ids) =>
      gate.runLong(async () => {
        const found = await keys.find({ _id: { $in: [...ids] } }).toArray();
        return new Map(found.flatMap((document) => entryOf(document)));
      }),
    ids: (after, limit) =>
      gate.runLong(async () => {
        const page = keys
          .find({ _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit)
          .project<{ _id: string }>({ _id: 1 });
        return (await page.toArray()).map(({ _id }) => _id);
      }),
    add: (records, destroyed) =>
      gate.runLong(async () => {
        const documents: KeyDocument[] = [
          ...records.map((record) => ({ _id: record.id, ...fieldsOf(record) })),
          ...destroyed.map((_id) => ({ _id, gone: true as const })),
        ];
        if (documents.length > 0) await keys.insertMany(documents, { ordered: false }).catch(unlessDuplicate);
      }),
    close: () => gate.close(),
  };
};

const entryOf = (document: KeyDocument): [string, Kept][] => {
  if (document.gone === true) return [[document._id, 'destroyed']];
  const record = recordOf(document);
  return record === undefined ? [] : [[document._id, record]];
};

const unlessDuplicate = (error: unknown): void => {
  if (!isDuplicate(error)) throw error;
};
