import { randomBytes } from 'node:crypto';
import { brokenPromises } from '@flexistream/kernel/contract';
import { openMongoClient } from '@flexistream/mongodb';
import { dyingAt, type Interpose, interposed } from '@flexistream/mongodb/for-tests';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import { keyStoreContract, keyStorePromises } from '../contract.ts';
import { isDestroyed, type KeyRecord, type KeyStore } from '../port.ts';
import { openMongoKeyStore } from './index.ts';

const url = process.env.MONGODB_URL ?? '';
const withMongoDb = url === '' ? describe.skip : describe;

const record = (id: string, more: Partial<KeyRecord> = {}): KeyRecord => ({ id, body: Buffer.from(`body of ${id}`), ...more });
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

withMongoDb('MongoDB', () => {
  let client: MongoClient;
  let second: MongoClient;
  beforeAll(() => {
    client = openMongoClient(url);
    second = openMongoClient(url);
  });
  afterAll(() => Promise.all([client.close(), second.close()]));

  const arrangeWith = (interpose?: Interpose) => async () => {
    const database = `spec_${randomBytes(6).toString('hex')}`;
    const through = interpose === undefined ? client : interposed(client, interpose);
    return {
      database,
      open: () => openMongoKeyStore({ client: through, database }),
      [Symbol.asyncDispose]: async () => void (await client.db(database).dropDatabase()),
    };
  };

  keyStoreContract('MongoDB', arrangeWith());

  test('has the indexes that its questions need', async () => {
    await using setting = await arrangeWith()();
    const store = await setting.open();
    const indexes = await client.db(setting.database).collection('keys').indexes();
    expect(indexes.map(({ key }) => Object.keys(key).join()).sort()).toEqual(['_id', 'ending', 'hash', 'owner']);
    await store.close();
  });

  describe('with two processes', () => {
    const twice = async (check: (one: KeyStore, other: KeyStore) => Promise<void>) => {
      await using setting = await arrangeWith()();
      const one = await setting.open();
      const other = await openMongoKeyStore({ client: second, database: setting.database });
      await check(one, other);
      await Promise.all([one.close(), other.close()]);
    };

    test('one of twenty creators wins, by id and by hash', () =>
      twice(async (one, other) => {
        const tries = times(20, (n) => (n % 2 ? one : other).create(record(`a${n % 4}`, { hash: 'aa11', body: Buffer.from(`${n}`) })));
        const created = await Promise.all(tries);
        expect(created.filter((tried) => tried.created)).toHaveLength(1);
        expect(new Set(created.map((tried) => Buffer.from(tried.record.body).toString())).size).toBe(1);
      }));

    test('a destruction misses no record that is given to the owner meanwhile', () =>
      twice(async (one, other) => {
        const persons = times(10, (n) => `person-${n}`);
        await Promise.all(persons.map((_, n) => one.create(record(`late-${n}`))));
        await Promise.all(
          persons.flatMap((person, n) => [
            one
              .create(record(`device-${n}`, { owner: person, hash: `hash-${n}` }))
              .catch((error) => isDestroyed(error) || Promise.reject(error)),
            other.destroy(person),
            one.setOwner(`late-${n}`, person).catch((error) => isDestroyed(error) || Promise.reject(error)),
          ]),
        );
        for (const n of persons.keys()) {
          expect([await other.get(`device-${n}`), await other.findByHash(`hash-${n}`)]).toEqual([undefined, undefined]);
          expect((await other.get(`late-${n}`))?.owner).toBeUndefined();
        }
      }));
  });

  describe('when a process dies at any of its writes', () => {
    const steps = times(8, (n) => n + 1).flatMap((nth) => [
      { nth, when: 'before' as const },
      { nth, when: 'after' as const },
    ]);

    /** Runs `work` in a process that dies; answers whether it did. */
    const dying = async (database: string, { nth, when }: (typeof steps)[number], work: (store: KeyStore) => Promise<unknown>) => {
      const { interpose, died } = dyingAt(nth, when);
      const store = await openMongoKeyStore({ client: interposed(client, interpose), database });
      await work(store).catch(() => {});
      return died();
    };

    test.each(steps)('a destruction that began is finished by the next start: $when write $nth', async (step) => {
      await using setting = await arrangeWith()();
      const first = await setting.open();
      await Promise.all([first.create(record('person', { hash: 'aa11' })), first.create(record('stranger'))]);
      await first.create(record('device', { owner: 'person', hash: 'bb22' }));
      await first.create(record('part', { owner: 'device' }));
      const died = await dying(setting.database, step, (store) => store.destroy('person'));
      const next = await setting.open();
      const began = await next.isDestroyed('person');
      expect(began).toBe(!died || step.nth > 1 || step.when === 'after');
      for (const id of ['person', 'device', 'part']) expect([id, (await next.get(id)) === undefined]).toEqual([id, began]);
      expect(await next.get('stranger')).toBeDefined();
    });

    test.each(steps.slice(0, 4))('a record on its way to an owner is destroyed with it: $when write $nth', async (step) => {
      await using setting = await arrangeWith()();
      const store = await setting.open();
      await store.create(record('late'));
      await dying(setting.database, step, (other) => other.create(record('device', { owner: 'person', hash: 'bb22' })));
      await dying(setting.database, step, (other) => other.setOwner('late', 'person'));
      await store.destroy('person');
      expect([await store.get('device'), await store.findByHash('bb22')]).toEqual([undefined, undefined]);
      expect((await store.get('late'))?.owner).toBeUndefined();
    });
  });

  describe('the contract notices, with this engine beneath, that', () => {
    const mutations: Record<string, { readonly interpose: Interpose; readonly noticed: string }> = {
      'a destroyed record is removed, and no mark is left': {
        noticed: 'destroys a record for good',
        interpose: ({ method, args }, make) => {
          const [filter, update] = args as [{ _id: string }, { $set?: { gone?: true } }];
          if (method !== 'updateOne' || update.$set?.gone === undefined) return make(args);
          return client
            .db(args.length > 0 ? current : '')
            .collection('keys')
            .deleteOne({ _id: filter._id } as object);
        },
      },
      'an owner can be set over another': {
        noticed: 'sets an owner once',
        interpose: ({ method, args }, make) => {
          const [filter, update] = args as [{ owner?: unknown }, { $set?: { owner?: string } }];
          if (method !== 'updateOne' || update.$set?.owner === undefined) return make(args);
          const { owner: _, ...bare } = filter;
          return make([bare, update]);
        },
      },
      'an owner that is gone is not heeded': {
        noticed: 'gives nothing to an owner that was destroyed',
        interpose: ({ args }, make) => {
          const [filter, update, options] = args as [{ gone?: unknown }, { $addToSet?: object }, object];
          if (update?.$addToSet === undefined) return make(args);
          const { gone: _, ...bare } = filter;
          return make([bare, update, options]);
        },
      },
    };
    let current = '';
    test.each(Object.entries(mutations))('%s', async (_, { interpose, noticed }) => {
      const arrange = async () => {
        const setting = await arrangeWith(interpose)();
        current = setting.database;
        return setting;
      };
      const promise = { [noticed]: keyStorePromises[noticed] ?? unknownPromise };
      expect(await brokenPromises(promise, arrange, { hangsAfterMs: 10_000 })).toEqual([noticed]);
    });
  });
});

test('a MongoDB that never answered is unavailable within 2 s', async () => {
  await using nowhere = openMongoClient('mongodb://127.0.0.1:1/');
  const begun = performance.now();
  await expect(openMongoKeyStore({ client: nowhere, database: 'spec' })).rejects.toMatchObject({ code: 'unavailable' });
  expect(performance.now() - begun).toBeLessThan(2_000);
});

const unknownPromise = async (): Promise<void> => {
  throw new Error('no such promise');
};
