import { createHash, randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@flexistream/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Door, openDoor } from '../engines/door.ts';
import { freePort } from '../free-port.ts';
import { environment, runToEnd, temporaryFolder } from '../server-process.ts';
import { type ServiceChild, serviceChild } from './service-child.ts';
import { engines, missingEngines } from './start-split.ts';

const WITHIN_MS = 20_000;

const named = { EVENTSTORE_URL: 'EventStoreDB', MONGODB_URL: 'MongoDB', REDIS_URL: 'Redis' } as const;
type Behind = keyof typeof named;
const behindDoors = Object.keys(named) as Behind[];

const until = async (what: string, holds: () => boolean | Promise<boolean>, output: () => string): Promise<void> => {
  for (const deadline = Date.now() + WITHIN_MS; !(await holds()); await pause(50)) {
    if (Date.now() > deadline) throw new Error(`${what} did not come:\n${output()}`);
  }
};

const statusOf = async (child: ServiceChild, path: string): Promise<number> => {
  const response = await fetch(`${child.url}${path}`, { headers: { connection: 'close' } }).catch(() => undefined);
  await response?.arrayBuffer();
  return response?.status ?? 0;
};

/** A given address with other credentials. */
const withCredentials = (url: string, credentials: string): string => url.replace('://', `://${credentials}@`);

const missing = missingEngines();
const suite = missing.length > 0 ? describe.skip : describe;

suite('while an engine is away', () => {
  const doors = new Map<Behind, Door>();
  const children: ServiceChild[] = [];
  let folder: string;
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    folder = await temporaryFolder();
    env = {
      ...Object.fromEntries(engines.map((name) => [name, process.env[name]])),
      INSTALLATION: `t${createHash('sha256').update(randomUUID()).digest('hex').slice(0, 16)}`,
      MASTER_KEY: 'a master key for this specification only',
    };
    for (const name of behindDoors) {
      const given = process.env[name] ?? '';
      const { hostname, port } = new URL(given);
      const door = await openDoor(hostname, Number(port));
      doors.set(name, door);
      env[name] = given.replace(`${hostname}:${port}`, `127.0.0.1:${door.port}`);
    }
  });

  afterAll(async () => {
    await Promise.all(children.map((child) => child.kill()));
    for (const door of doors.values()) await door[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  const doorOf = (name: Behind): Door => {
    const door = doors.get(name);
    if (door === undefined) throw new Error('there is no such door');
    return door;
  };

  /** `serving` is left to who waits for it. */
  const start = async (name: ServiceName): Promise<{ child: ServiceChild; serving: Promise<boolean> }> => {
    const child = serviceChild({ name, port: await freePort(), env: environment(folder, env) });
    children.push(child);
    return {
      child,
      serving: child.start().then(
        () => true,
        () => false,
      ),
    };
  };

  test.each(behindDoors)(
    '%s: a service is alive and waits for it, says so, and serves once it is back',
    async (name) => {
      doorOf(name).shut();
      const { child, serving } = await start('spaces');
      const told = `${named[name]} does not answer: not started yet`;
      await until('the second try', () => child.output().split(told).length > 2, child.output);
      expect([await statusOf(child, '/healthz'), await statusOf(child, '/readyz')]).toEqual([200, 503]);
      doorOf(name).open();
      expect(await serving).toBe(true);
      expect(await statusOf(child, '/readyz')).toBe(200);
      expect(await child.stop()).toBe(0);
    },
    40_000,
  );

  test('a service that waits ends at once with 0 when it is told to', async () => {
    doorOf('MONGODB_URL').shut();
    const { child, serving } = await start('spaces');
    await until('a try', () => child.output().includes('MongoDB does not answer'), child.output);
    expect(await child.stop()).toBe(0);
    expect(await serving).toBe(false);
    doorOf('MONGODB_URL').open();
  }, 40_000);

  test('a gateway serves without any of them, names the one that it needs, and ends with 0', async () => {
    for (const door of doors.values()) door.shut();
    const { child, serving } = await start('gateway');
    expect(await serving).toBe(true);
    expect([await statusOf(child, '/healthz'), child.output().includes('Redis does not answer')]).toEqual([200, true]);
    for (const door of doors.values()) door.open();
    expect(await child.stop()).toBe(0);
  }, 40_000);

  const secret = 'a-secret-0815';
  const wrong: readonly (readonly [what: string, change: () => Record<string, string>, told: string])[] = [
    ['an address that is none of EventStoreDB', () => ({ EVENTSTORE_URL: `esdb://me:${secret}@` }), 'EVENTSTORE_URL'],
    ['an address that is none of MongoDB', () => ({ MONGODB_URL: `mongodb://me:${secret}/x@there:1/` }), 'MONGODB_URL'],
    ['an address that is none of Redis', () => ({ REDIS_URL: `me:${secret}@there` }), 'REDIS_URL'],
    [
      'a stranger to Redis',
      () => ({ REDIS_URL: withCredentials(env.REDIS_URL ?? '', `stranger:${secret}`) }),
      'Redis does not answer: it refuses',
    ],
    [
      'a stranger to MongoDB',
      () => ({ MONGODB_URL: withCredentials(env.MONGODB_URL ?? '', `stranger:${secret}`) }),
      'MongoDB does not answer: it refuses',
    ],
  ];
  test.each(wrong)(
    '%s ends a service with 1 and a text without secrets',
    async (_, change, told) => {
      const own = { ...env, ...change(), INTERNAL_PORT: '0' };
      const { code, stdout, stderr } = await runToEnd([], {
        folder,
        env: own,
        entry: 'services/spaces/src/main.ts',
        killAfterMs: WITHIN_MS,
      });
      expect([code, stderr]).toEqual([1, expect.stringContaining(told)]);
      expect(`${stdout}${stderr}`).not.toContain(secret);
    },
    40_000,
  );
});
