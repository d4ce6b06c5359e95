import { randomUUID } from 'node:crypto';
import { setTimeout as pass } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Cluster } from 'ioredis';
import { ephemeralContract } from '../contract.ts';
import { openRedisEphemeral } from './index.ts';

const url = process.env.REDIS_CLUSTER_URL ?? '';
const withCluster = url === '' ? describe.skip : describe;

withCluster('Redis Cluster', () => {
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = new Cluster(url.split(','));
    await cluster.ping();
  });
  afterAll(() => cluster.quit());

  const keysOf = async (prefix: string): Promise<string[][]> =>
    Promise.all(cluster.nodes('master').map((node) => node.keys(`${prefix}:*`)));

  const arrange = async () => {
    const prefix = `spec-${randomUUID()}`;
    return {
      prefix,
      open: async () => openRedisEphemeral({ url, prefix }),
      pass: (milliseconds: number) => pass(milliseconds),
      [Symbol.asyncDispose]: async () => {
        for (const key of (await keysOf(prefix)).flat()) await cluster.unlink(key);
      },
    };
  };

  ephemeralContract('Redis Cluster', arrange);

  test('spreads values over its nodes, and keeps windows and their epoch on one', async () => {
    await using setting = await arrange();
    const store = await setting.open();
    await Promise.all(Array.from({ length: 60 }, (_, n) => store.once(`value-${n}`, 60_000)));
    const values = (await keysOf(setting.prefix)).filter((keys) => keys.length > 0);
    await Promise.all([...Array.from({ length: 60 }, (_, n) => store.advance(`nonce-${n}`, 1, 64, 60_000)), store.epoch()]);
    const windows = (await keysOf(`${setting.prefix}:{windows}`)).filter((keys) => keys.length > 0);
    expect([values.length, windows.map((keys) => keys.length)]).toEqual([3, [61]]);
    await store.close();
  });
});
