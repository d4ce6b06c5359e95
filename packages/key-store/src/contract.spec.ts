import { brokenPromises } from '@flexistream/kernel/contract';
import { describe, expect, test } from '@jest/globals';
import { keyStoreContract, keyStorePromises } from './contract.ts';
import { MemoryKeyStore } from './memory-key-store.ts';
import type { Created, KeyRecord, KeyStore } from './port.ts';

const around = (make: () => KeyStore) => async () => {
  const store = make();
  return { open: async () => store, [Symbol.asyncDispose]: async () => {} };
};

keyStoreContract(
  'Memory',
  around(() => new MemoryKeyStore()),
);

/** Each breaks one promise: the suite is proven by what it notices. */
const mutations: Record<string, { readonly store: () => KeyStore; readonly noticed: string }> = {
  'a later creation overwrites': {
    noticed: 'lets the first record of an id stand',
    store: () =>
      new (class extends MemoryKeyStore {
        override async create(record: KeyRecord): Promise<Created> {
          this.records.set(record.id, record);
          return { created: true, record };
        }
      })(),
  },
  'hashes are not unique': {
    noticed: 'lets the first record of a hash stand',
    store: () =>
      new (class extends MemoryKeyStore {
        override create(record: KeyRecord): Promise<Created> {
          const { hash: _, ...bare } = record;
          return super.create(this.records.size === 0 ? record : bare);
        }
      })(),
  },
  'look, wait, then write': {
    noticed: 'lets one of twenty creators of an id win, and all see the same',
    store: () =>
      new (class extends MemoryKeyStore {
        override async create(record: KeyRecord): Promise<Created> {
          const standing = await this.get(record.id);
          if (standing !== undefined) return { created: false, record: standing };
          this.records.set(record.id, record);
          return { created: true, record };
        }
      })(),
  },
  'the loser of a race by hash gets its own record': {
    noticed: 'lets one of twenty creators of a hash win, and all see the same',
    store: () =>
      new (class extends MemoryKeyStore {
        override async create(record: KeyRecord): Promise<Created> {
          const { created } = await super.create(record);
          return { created, record };
        }
      })(),
  },
  'an owner can be changed': {
    noticed: 'sets an owner once',
    store: () =>
      new (class extends MemoryKeyStore {
        override async setOwner(id: string, owner: string): Promise<boolean> {
          const record = this.records.get(id);
          if (record !== undefined) this.records.set(id, { ...record, owner });
          return record !== undefined;
        }
      })(),
  },
  'a destroyed id is given out again': {
    noticed: 'destroys a record for good',
    store: () =>
      new (class extends MemoryKeyStore {
        override create(record: KeyRecord): Promise<Created> {
          this.destroyed.delete(record.id);
          return super.create(record);
        }
      })(),
  },
  'owned records are forgotten': {
    noticed: 'destroys what it owns, and what that owns, and nothing else',
    store: () =>
      new (class extends MemoryKeyStore {
        override async destroy(id: string): Promise<void> {
          this.destroyed.add(id);
          this.records.delete(id);
        }
      })(),
  },
  'only what the store knows can be destroyed': {
    noticed: 'destroys an id before it is ever created',
    store: () =>
      new (class extends MemoryKeyStore {
        override async destroy(id: string): Promise<void> {
          if (this.records.has(id)) await super.destroy(id);
        }
      })(),
  },
  'a destroyed owner takes new records': {
    noticed: 'gives nothing to an owner that was destroyed',
    store: () =>
      new (class extends MemoryKeyStore {
        protected override refuseDestroyed(): void {}
      })(),
  },
  'the hash of a destroyed record stays taken': {
    noticed: 'frees the hash of a destroyed record for another',
    store: () =>
      new (class extends MemoryKeyStore {
        readonly #hashes = new Map<string, KeyRecord>();
        protected override withHash(hash: string | undefined): KeyRecord | undefined {
          const found = super.withHash(hash);
          if (found !== undefined && hash !== undefined) this.#hashes.set(hash, found);
          return hash === undefined ? undefined : (found ?? this.#hashes.get(hash));
        }
        override async destroy(id: string): Promise<void> {
          this.withHash(this.records.get(id)?.hash);
          await super.destroy(id);
        }
      })(),
  },
  'a creation that is under way survives the destruction': {
    noticed: 'leaves nothing of a record whose creation a destruction overtakes',
    store: () =>
      new (class extends MemoryKeyStore {
        override async create(record: KeyRecord): Promise<Created> {
          this.refuseDestroyed(record.id);
          await Promise.resolve();
          this.records.set(record.id, record);
          return { created: true, record };
        }
      })(),
  },
  'an owner that is being set survives its destruction': {
    noticed: 'leaves nothing to an owner whose destruction overtakes',
    store: () =>
      new (class extends MemoryKeyStore {
        override async setOwner(id: string, owner: string): Promise<boolean> {
          this.refuseDestroyed(owner);
          await Promise.resolve();
          const record = this.records.get(id);
          if (record !== undefined) this.records.set(id, { ...record, owner });
          return record !== undefined;
        }
      })(),
  },
};

describe("the key store's contract notices that", () => {
  for (const [name, { store, noticed }] of Object.entries(mutations))
    test(name, async () => expect(await brokenPromises(keyStorePromises, around(store))).toContain(noticed));

  test('nothing is kept over a restart', async () => {
    const forgetful = async () => ({ open: async () => new MemoryKeyStore(), [Symbol.asyncDispose]: async () => {} });
    const broken = await brokenPromises(keyStorePromises, forgetful);
    expect(broken).toEqual(
      expect.arrayContaining(['keeps many records that come at once', 'destroys a record for good', 'sets an owner once']),
    );
  });
});
