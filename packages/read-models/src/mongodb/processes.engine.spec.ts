import { setTimeout as pause } from 'node:timers/promises';
import { openMongoClient } from '@flexistream/mongodb';
import type { Interpose } from '@flexistream/mongodb/for-tests';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import { type Door, openDoor } from '../../../../tests/engines/door.ts';
import type { EventChanges, ProjectionRef, ReadModels } from '../port.ts';
import { add, drop, put } from '../projection.ts';
import { mongoSetting } from './engine-for-specs.ts';
import { openMongoReadModels } from './index.ts';

const url = process.env.MONGODB_URL ?? '';
const withMongoDb = url === '' ? describe.skip : describe;

const sums: ProjectionRef = { name: 'sums', version: 1, collections: [{ name: 'sums', indexes: [] }] };
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const at = (position: number, changes: EventChanges['changes']): EventChanges => ({ position, key: 'a-1', changes });

withMongoDb('two processes on one projection', () => {
  let clients: readonly MongoClient[];
  beforeAll(() => {
    clients = times(2, () => openMongoClient(url));
  });
  afterAll(() => Promise.all(clients.map((client) => client.close())));
  const [first, second] = [() => clients[0] as MongoClient, () => clients[1] as MongoClient];

  const both = async (check: (one: ReadModels, other: ReadModels) => Promise<void>, change?: Interpose) => {
    await using setting = await mongoSetting(first, change)();
    const one = await setting.open();
    const other = openMongoReadModels({ client: second(), database: setting.database });
    for (const models of [one, other]) await models.declare([sums]);
    await check(one, other);
    await Promise.all([one.close(), other.close()]);
  };

  const history = times(40, (n) => at(n + 1, [add('sums', `s${n % 5}`, { n: 1 }), ...(n % 7 === 6 ? [drop('sums', 's0')] : [])]));
  const follow = async (models: ReadModels, size: number) => {
    for (let n = 0; n < history.length; n += size) {
      const part = history.slice(n, n + size);
      await models.apply(sums, part, part.at(-1)?.position ?? 0);
    }
  };
  const ids = times(5, (n) => `s${n}`);

  test('take in each event once, though each delivers all of them', async () => {
    let alone: unknown;
    await both(async (one) => {
      await follow(one, 100);
      alone = Object.fromEntries(await one.getMany(sums, 'sums', ids));
    });
    for (const sizes of [
      [3, 4],
      [1, 8],
      [40, 1],
    ] as const) {
      await both(async (one, other) => {
        await Promise.all([follow(one, sizes[0]), follow(other, sizes[1])]);
        expect(Object.fromEntries(await one.getMany(sums, 'sums', ids))).toEqual(alone);
        expect(await other.checkpoint(sums)).toBe(40);
      });
    }
  });

  /** Holds the first process at its first write to a document until `release`. */
  const held = () => {
    const reached = Promise.withResolvers<void>();
    const released = Promise.withResolvers<void>();
    const interpose: Interpose = async ({ collection, method, args }, make) => {
      if (collection.startsWith('sums@') && method === 'bulkWrite') {
        reached.resolve();
        await released.promise;
      }
      return make(args);
    };
    return { interpose, reached: reached.promise, release: () => released.resolve() };
  };

  test('a slow one that has read before the other wrote does no harm', async () => {
    const slow = held();
    await both(async (one, other) => {
      await other.apply(sums, [at(1, [add('sums', 'x', { n: 1 })])], 1);
      const late = one.apply(sums, [at(2, [add('sums', 'x', { n: 10 }), put('sums', 'gone', { n: 1 })])], 2);
      await slow.reached;
      await other.apply(
        sums,
        [at(2, [add('sums', 'x', { n: 10 }), put('sums', 'gone', { n: 1 })]), at(3, [add('sums', 'x', { n: 100 })])],
        3,
      );
      await other.apply(sums, [at(4, [drop('sums', 'gone')])], 4);
      slow.release();
      await late;
      expect(await other.get(sums, 'sums', 'x')).toEqual({ n: 111 });
      expect(await other.checkpoint(sums)).toBe(4);
    }, slow.interpose);
  });

  test('one that goes on with its next batch does not harm what the other begins anew, and joins it once it has read its place', () =>
    both(async (one, other) => {
      await one.apply(sums, history.slice(0, 10), 10);
      await other.beginRebuild(sums);
      await other.apply(sums, history.slice(0, 5), 5);
      await expect(one.apply(sums, history.slice(10, 20), 20)).rejects.toMatchObject({ code: 'unavailable' });
      expect([await other.checkpoint(sums), await one.checkpoint(sums)]).toEqual([5, 5]);
      await one.apply(sums, history.slice(5, 20), 20);
      await other.apply(sums, history.slice(5), 40);
      expect(await other.get(sums, 'sums', 's1')).toEqual({ n: 8 });
    }));

  test('a guard that is not heeded is noticed', async () => {
    const slow = held();
    const unguarded: Interpose = (write, make) =>
      slow.interpose(write, (args) => {
        const [operations, ...rest] = args as [{ replaceOne?: { filter: { rev?: unknown } } }[]];
        if (!write.collection.startsWith('sums@')) return make(args);
        return make([
          operations.map(({ replaceOne, ...other }) =>
            replaceOne ? { replaceOne: { ...replaceOne, filter: withoutRev(replaceOne.filter) } } : other,
          ),
          ...rest,
        ]);
      });
    await both(async (one, other) => {
      await other.apply(sums, [at(1, [add('sums', 'x', { n: 1 })])], 1);
      const late = one.apply(sums, [at(2, [add('sums', 'x', { n: 10 })])], 2);
      await slow.reached;
      await other.apply(sums, [at(2, [add('sums', 'x', { n: 10 })]), at(3, [add('sums', 'x', { n: 100 })])], 3);
      slow.release();
      await late;
      expect(await other.get(sums, 'sums', 'x')).not.toEqual({ n: 111 });
    }, unguarded);
  });
});

const withoutRev = ({ rev: _, ...filter }: { rev?: unknown }): object => filter;

withMongoDb('behind a network that fails', () => {
  let door: Door;
  let client: MongoClient;
  let direct: MongoClient;
  let models: ReadModels;
  const database = `spec_door_${process.pid}`;
  beforeAll(async () => {
    const { hostname, port } = new URL(url);
    door = await openDoor(hostname, Number(port || 27_017));
    direct = openMongoClient(url);
    client = openMongoClient(url.replace(`${hostname}:${port}`, `127.0.0.1:${door.port}`));
    models = openMongoReadModels({ client, database });
    await models.declare([sums]);
  });
  afterAll(async () => {
    await client.close();
    await direct.db(database).dropDatabase();
    await direct.close();
    await door[Symbol.asyncDispose]();
  });

  test.each(['shut', 'hush'] as const)('is unavailable within 2 s and comes back: %s', async (how) => {
    door[how]();
    const begun = performance.now();
    const asked = await Promise.allSettled([
      models.get(sums, 'sums', 'x'),
      models.find(sums, 'sums', { limit: 1 }),
      models.checkpoint(sums),
    ]);
    expect(performance.now() - begun).toBeLessThan(2_000);
    for (const answer of asked) expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    door.open();
    for (;;) {
      const answer = await models.checkpoint(sums).catch(() => undefined);
      if (answer !== undefined) break; // the spec's own limit ends one that never comes back
      await pause(20); // the pool may refuse at once, without giving its sockets a turn
    }
    expect(await models.find(sums, 'sums', { limit: 1 })).toEqual([]);
  });
});
