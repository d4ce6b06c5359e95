import { type Index, isDuplicate, makeIndexes, translated, UntilClosed } from '@flexistream/mongodb';
import type { Collection, MongoClient } from 'mongodb';
import { type Created, Destroyed, type KeyRecord, type KeyStore } from '../port.ts';
import { fieldsOf, type KeyDocument, recordOf } from './key-document.ts';

export interface MongoKeyStoreOptions {
  /** Shared by all adapters of the process; not closed here. */
  readonly client: MongoClient;
  /** One of its own for each service, so that backups may keep it for a shorter time. */
  readonly database: string;
}

/** Makes its indexes and finishes destructions that a crash has interrupted. @throws Unavailable. */
export const openMongoKeyStore = async ({ client, database }: MongoKeyStoreOptions): Promise<KeyStore> => {
  const keys = client.db(database).collection<KeyDocument>('keys', {
    // Only what can no more be rolled back is shown: a key that sealed something must not vanish with a primary.
    readConcern: { level: 'majority' },
    writeConcern: { w: 'majority', journal: true },
  });
  const store = new MongoKeyStore(keys);
  await translated(makeIndexes(keys, INDEXES));
  await store.finishDestructions();
  return store;
};

const INDEXES: readonly Index[] = [
  { key: { hash: 1 }, unique: true, sparse: true },
  { key: { owner: 1 }, sparse: true },
  { key: { ending: 1 }, sparse: true },
];

/**
 * One document for each id, also when it is destroyed, so that no creation can overtake a destruction. Only ownership concerns two: an owner
 * notes what is to be its own before that is, and notes nothing once it is gone; so a destruction misses none.
 */
class MongoKeyStore implements KeyStore {
  readonly #keys: Collection<KeyDocument>;
  readonly #gate = new UntilClosed('the key store');

  constructor(keys: Collection<KeyDocument>) {
    this.#keys = keys;
  }

  create(record: KeyRecord): Promise<Created> {
    return this.#gate.run(async () => {
      const { id, owner } = record;
      if (owner === undefined) return this.#insert(record);
      await this.#announce(id, owner);
      const created = await this.#insert(record);
      if (!created.created) await this.#withdraw(id, owner);
      return created;
    });
  }

  get(id: string): Promise<KeyRecord | undefined> {
    return this.#gate.run(async () => recordOf(await this.#keys.findOne({ _id: id })));
  }

  findByHash(hash: string): Promise<KeyRecord | undefined> {
    return this.#gate.run(async () => recordOf(await this.#keys.findOne({ hash })));
  }

  setOwner(id: string, owner: string): Promise<boolean> {
    return this.#gate.run(async () => {
      await this.#announce(id, owner);
      const unowned = { _id: id, body: { $exists: true }, owner: { $exists: false } };
      const { matchedCount } = await this.#keys.updateOne(unowned, { $set: { owner } });
      if (matchedCount === 0) await this.#withdraw(id, owner);
      return matchedCount === 1;
    });
  }

  isDestroyed(id: string): Promise<boolean> {
    return this.#gate.run(async () => (await this.#keys.findOne({ _id: id }))?.gone === true);
  }

  destroy(id: string): Promise<void> {
    return this.#gate.runLong(async () => {
      await this.#keys.updateOne({ _id: id }, END, { upsert: true });
      await this.#endFamilyOf(id);
    });
  }

  close(): Promise<void> {
    return this.#gate.close();
  }

  /** Those of other processes that are under way are done twice, which is harmless. */
  async finishDestructions(): Promise<void> {
    for (const { _id } of await translated(this.#keys.find({ ending: true }).toArray())) await this.destroy(_id);
  }

  async #insert(record: KeyRecord): Promise<Created> {
    for (;;) {
      try {
        await this.#keys.insertOne({ _id: record.id, ...fieldsOf(record) });
        return { created: true, record };
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      const there = await this.#keys.findOne({ _id: record.id });
      if (there?.gone) throw new Destroyed('what was destroyed does not come back');
      if (there !== null && there.body === undefined && (await this.#fill(record))) return { created: true, record };
      const standing = recordOf(there) ?? (await this.#withHash(record.hash));
      if (standing !== undefined) return { created: false, record: standing };
    } // destroyed or filled meanwhile
  }

  /** Makes a record of a document that only noted what was to be its own. */
  async #fill(record: KeyRecord): Promise<boolean> {
    try {
      const empty = { _id: record.id, body: { $exists: false }, gone: { $exists: false } };
      return (await this.#keys.updateOne(empty, { $set: fieldsOf(record) })).matchedCount === 1;
    } catch (error) {
      if (isDuplicate(error)) return false; // the hash stands elsewhere
      throw error;
    }
  }

  async #withHash(hash: string | undefined): Promise<KeyRecord | undefined> {
    return hash === undefined ? undefined : recordOf(await this.#keys.findOne({ hash }));
  }

  /** @throws Destroyed when the owner is gone. */
  async #announce(id: string, owner: string): Promise<void> {
    for (;;) {
      try {
        const present = { _id: owner, gone: { $ne: true as const } };
        await this.#keys.updateOne(present, { $addToSet: { arriving: id } }, { upsert: true });
        return;
      } catch (error) {
        if (!isDuplicate(error)) throw error;
      }
      if ((await this.#keys.findOne({ _id: owner }))?.gone) throw new Destroyed('an owner that was destroyed gets nothing');
    } // another process has made the owner's document meanwhile
  }

  /** What is its own already is found by that. */
  async #withdraw(id: string, owner: string): Promise<void> {
    await this.#keys.updateOne({ _id: owner }, { $pull: { arriving: id } });
  }

  async #endFamilyOf(id: string, seen: Set<string> = new Set()): Promise<void> {
    seen.add(id);
    const owned = await this.#keys.find({ owner: id }).project<{ _id: string }>({ _id: 1 }).toArray();
    const { arriving = [] } = (await this.#keys.findOne({ _id: id })) ?? {};
    for (const child of new Set([...owned.map(({ _id }) => _id), ...arriving])) {
      if (!seen.has(child) && (await this.#endUnlessOfAnother(child, id))) await this.#endFamilyOf(child, seen);
    }
    await this.#keys.updateOne({ _id: id }, { $unset: { ending: '', arriving: '' } });
  }

  async #endUnlessOfAnother(id: string, owner: string): Promise<boolean> {
    try {
      await this.#keys.updateOne({ _id: id, owner: { $in: [owner, null] } } as object, END, { upsert: true });
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }
}

/** The mark comes first and at once with the end of the secret; what it owned follows, by a repeat if need be. */
const END = { $set: { gone: true as const, ending: true as const }, $unset: { body: '', hash: '', owner: '' } } as const;
