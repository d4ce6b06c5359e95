import { randomUUID } from 'node:crypto';
import { brokenPromises } from '@flexistream/kernel/contract';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Redis } from 'ioredis';
import { type Door, openDoor } from '../../../../tests/engines/door.ts';
import { ephemeralContract, ephemeralPromises } from '../contract.ts';
import type { Ephemeral } from '../port.ts';
import { openRedisEphemeral } from './index.ts';

const url = process.env.REDIS_URL ?? '';
const withRedis = url === '' ? describe.skip : describe;
const LONG = 600_000;

const pass = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));

withRedis('Redis', () => {
  let redis: Redis;
  beforeAll(() => {
    redis = new Redis(url);
  });
  afterAll(() => redis.quit());

  const keysOf = async (prefix: string): Promise<string[]> => {
    const keys: string[] = [];
    for await (const found of redis.scanStream({ match: `${prefix}:*`, count: 1_000 })) keys.push(...(found as string[]));
    return keys;
  };

  /** Keys of its own on the one engine, removed afterwards. */
  const arrangeWith =
    (change: (store: Ephemeral, prefix: string) => Ephemeral = (store) => store) =>
    async () => {
      const prefix = `spec-${randomUUID()}`;
      return {
        prefix,
        open: async () => change(openRedisEphemeral({ url, prefix }), prefix),
        pass,
        [Symbol.asyncDispose]: async () => {
          const keys = await keysOf(prefix);
          if (keys.length > 0) await redis.unlink(...keys);
        },
      };
    };

  ephemeralContract('Redis', arrangeWith());

  test('leaves no key without an end but the epoch', async () => {
    await using setting = await arrangeWith()();
    const store = await setting.open();
    await Promise.all([
      store.set('a', 'x', { ttl: LONG, durable: true }),
      store.once('b', LONG),
      store.add('c', 1, LONG),
      store.advance('d', 1, 64, LONG),
      store.epoch(),
    ]);
    const keys = await keysOf(setting.prefix);
    const endless = [];
    for (const key of keys) if ((await redis.pttl(key)) < 0) endless.push(key);
    expect(keys).toHaveLength(5);
    expect(endless).toEqual([expect.stringMatching(/epoch$/)]);
    await store.close();
  });

  test('has another epoch once the old one is lost', async () => {
    await using setting = await arrangeWith()();
    const store = await setting.open();
    const epoch = await store.epoch();
    await redis.unlink(...(await keysOf(setting.prefix)));
    expect(await store.epoch()).not.toBe(epoch);
    await store.close();
  });

  test('keeps windows and epoch in one slot of a cluster', async () => {
    await using setting = await arrangeWith()();
    const store = await setting.open();
    await Promise.all([store.advance('a', 1, 64, LONG), store.advance('b', 1, 64, LONG), store.epoch()]);
    const tags = (await keysOf(setting.prefix)).map((key) => key.match(/\{(.+?)\}/)?.[1]);
    expect(tags).toEqual(['windows', 'windows', 'windows']);
    await store.close();
  });

  describe('the contract notices, with Redis beneath, that', () => {
    const reading = (prefix: string, key: string) => redis.get(`${prefix}:${key}`);
    const mutations: Record<
      string,
      { readonly change: (store: Ephemeral, prefix: string) => Partial<Ephemeral>; readonly noticed: string }
    > = {
      'advancing is two commands': {
        noticed: 'lets each of sixty values in once, sent five times in parallel',
        change: (_, prefix) => ({
          advance: async (key, value, _window, ttl) => {
            const seen = ((await reading(prefix, key)) ?? '').split(' ');
            await redis.set(`${prefix}:${key}`, [...seen, value].join(' '), 'PX', ttl);
            return seen.includes(String(value)) ? 'seen' : 'fresh';
          },
        }),
      },
      'once is two commands': {
        noticed: 'says once to one of twenty callers, and again when the time is over',
        change: (_, prefix) => ({
          once: async (key, ttl) => {
            const known = await reading(prefix, key);
            await redis.set(`${prefix}:${key}`, '', 'PX', ttl);
            return known === null;
          },
        }),
      },
      'adding starts the time anew': {
        noticed: 'starts the time of a sum with its first addition',
        change: (_, prefix) => ({
          add: async (key, by, ttl) => {
            const value = await redis.incrby(`${prefix}:${key}`, by);
            await redis.pexpire(`${prefix}:${key}`, ttl);
            return { value, expiresIn: ttl };
          },
        }),
      },
      'windows are not removed': {
        noticed: 'removes a value, a sum and a window',
        change: (_, prefix) => ({ remove: async (key) => void (await redis.unlink(`${prefix}:${key}`)) }),
      },
    };
    test.each(Object.entries(mutations))('%s', async (_, { change, noticed }) => {
      const arrange = arrangeWith((store, prefix) => Object.assign(store, change(store, prefix)));
      expect(await brokenPromises({ [noticed]: ephemeralPromises[noticed] ?? fail }, arrange, { hangsAfterMs: 10_000 })).toEqual([noticed]);
    });
  });

  describe('behind a network that fails', () => {
    let door: Door;
    let store: Ephemeral;
    let prefix: string;
    beforeAll(async () => {
      const { hostname, port, username, password, pathname } = new URL(url);
      door = await openDoor(hostname, Number(port || 6379));
      const credentials = password === '' ? '' : `${username}:${password}@`;
      prefix = `spec-${randomUUID()}`;
      store = openRedisEphemeral({ url: `redis://${credentials}127.0.0.1:${door.port}${pathname}`, prefix });
      await store.epoch();
    });
    afterAll(async () => {
      await store.close();
      await door[Symbol.asyncDispose]();
      const keys = await keysOf(prefix);
      if (keys.length > 0) await redis.unlink(...keys);
    });

    const refusedWithin2s = async () => {
      const begun = performance.now();
      const asked = [store.get('a'), store.once('b', LONG), store.add('c', 1, LONG), store.advance('d', 1, 64, LONG), store.epoch()];
      for (const answer of await Promise.allSettled(asked)) {
        expect(answer).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
      }
      expect(performance.now() - begun).toBeLessThan(2_000);
    };

    /** Asks until it is answered; the spec's own limit ends a store that never comes back. */
    const recovered = async (): Promise<unknown> => {
      for (;;) {
        try {
          return await store.get('a');
        } catch {
          await pass(20);
        }
      }
    };

    test.each(['shut', 'hush'] as const)('is unavailable within 2 s and comes back: %s', async (how) => {
      await store.set('a', how, { ttl: LONG });
      door[how]();
      await refusedWithin2s();
      await refusedWithin2s();
      door.open();
      expect(await recovered()).toBe(how);
    });

    test('a short break is waited out', async () => {
      await store.set('a', 'kept', { ttl: LONG });
      const before = door.refused();
      door.shut();
      while (door.refused() === before) await pass(5); // it has noticed, and tries again
      const asked = store.get('a');
      door.open();
      expect(await asked).toBe('kept');
    });

    test('what was done but not answered is unavailable and not done again', async () => {
      const counted = () => redis.get(`${prefix}:sum`);
      await store.add('sum', 1, LONG);
      door.cutAnswers();
      await expect(store.add('sum', 1, LONG)).rejects.toMatchObject({ code: 'unavailable' });
      door.open();
      await recovered();
      expect(await counted()).toBe('2');
    });
  });
});

const fail = async (): Promise<void> => {
  throw new Error('no such promise');
};

test('a Redis that never answered is unavailable within 2 s', async () => {
  const store = openRedisEphemeral({ url: 'redis://127.0.0.1:1' });
  const begun = performance.now();
  await expect(store.get('a')).rejects.toMatchObject({ code: 'unavailable' });
  expect(performance.now() - begun).toBeLessThan(2_000);
  await store.close();
});
