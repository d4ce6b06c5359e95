import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { type Door, openDoor } from '../engines/door.ts';
import { type Account, createAccount } from '../population.ts';
import { Load } from './load.ts';
import { onSplit } from './on-split.ts';
import type { Split } from './start-split.ts';

/** Within which what cannot be served is answered with 503 (design §7); a shared machine adds a little. */
const REFUSED_WITHIN_MS = 2_000 + 300;
const AWAY_MS = 4_000;
const AT_MOST_MS = 120_000;
const RECOVERED_WITHIN_MS = 20_000;

/** Engines that are found by one address; Kafka tells its own, so its absence has a file of its own here. */
const behindDoors = ['REDIS_URL', 'MONGODB_URL', 'EVENTSTORE_URL'] as const;

const doors = new Map<string, Door>();

const openDoors = async (): Promise<Record<string, string>> => {
  const env: Record<string, string> = {};
  for (const name of behindDoors) {
    const given = process.env[name] ?? '';
    const { hostname, port } = new URL(given);
    const door = await openDoor(hostname, Number(port));
    doors.set(name, door);
    env[name] = given.replace(`${hostname}:${port}`, `127.0.0.1:${door.port}`);
  }
  return env;
};

onSplit(
  'under a light load',
  async () => ({ gateways: 2, env: await openDoors() }),
  (split) => {
    let callers = 0;
    afterAll(async () => {
      for (const door of doors.values()) await door[Symbol.asyncDispose]();
    });

    /** The load runs before, while and after something is broken; then nothing that was acknowledged may be missing. */
    const survive = async ({ breaks, mends, cut = false, felt }: Harm): Promise<void> => {
      const caller = await createAccount(split(), { username: `the.caller.${++callers}`, domain: 'sip.localhost' });
      const load = new Load(split(), caller);
      try {
        await load.goesOn(3, RECOVERED_WITHIN_MS);
        await breaks();
        if (felt !== undefined) await load.feels(felt, RECOVERED_WITHIN_MS);
        await mends();
        await load.goesOn(5, RECOVERED_WITHIN_MS);
      } finally {
        await load.stop();
      }
      const failed = load.failed('account').map(({ answer, ms }) => ({
        status: answer?.status ?? 'cut',
        retryAfter: answer?.headers['retry-after'] !== undefined,
        lateMs: ms > REFUSED_WITHIN_MS ? Math.round(ms) : 0,
      }));
      expect(failed.filter(({ status }) => !(cut && status === 'cut')).filter((one) => !isProperRefusal(one))).toEqual([]);
      expect(load.failed('call').map(({ answer, ms }) => [answer?.status, ms])).toEqual([]); // held, not refused
      for (const { answer, name } of load.acknowledged('account')) {
        const read = await ask(split(), `/api/accounts/${answer.json.id}`, { key: split().adminKey });
        expect([read.status, read.json.username]).toEqual([200, name]);
      }
      const reported = load.acknowledged('call').length;
      expect(await callsOf(split(), caller, reported)).toBe(reported);
    };

    test.each([
      ['spaces', 'account'],
      ['tokens', 'account'],
      ['accounts', 'account'],
      ['notifications', undefined],
      ['statistics', 'call'],
      ['gateway', 'account'],
    ] as const)(
      'kill -9 of %s and a restart: nothing acknowledged is lost, calls are held',
      async (name, felt) => {
        const victim = split().instance(name);
        await survive({ breaks: () => victim.kill(), mends: () => victim.start(), cut: name === 'gateway', felt });
      },
      AT_MOST_MS,
    );

    test.each([
      ['accounts', 'account'],
      ['statistics', 'call'],
    ] as const)(
      '%s is there and silent for 4 s: the same',
      async (name, felt) => {
        const victim = split().instance(name);
        await survive({ breaks: async () => victim.freeze(), mends: () => after(AWAY_MS, () => victim.thaw()), felt });
      },
      AT_MOST_MS,
    );

    test.each([
      ['REDIS_URL', undefined],
      ['MONGODB_URL', 'account'],
      ['EVENTSTORE_URL', 'call'],
    ] as const)(
      '%s leads nowhere for 4 s: the same',
      async (name, felt) => {
        const door = doors.get(name);
        await survive({ breaks: async () => door?.shut(), mends: () => after(AWAY_MS, () => door?.open()), felt });
      },
      AT_MOST_MS,
    );
  },
);

/** As long as it is to be away: nothing ends it sooner. */
const after = async (ms: number, mend: () => void): Promise<void> => {
  await pause(ms);
  mend();
};

interface Harm {
  readonly breaks: () => Promise<void>;
  readonly mends: () => Promise<void>;
  /** Connections may break: it is their gateway that is killed. */
  readonly cut?: boolean;
  /** Who must have noticed before it is mended, so that the case shows something. */
  readonly felt: 'account' | 'call' | undefined;
}

const isProperRefusal = ({ status, retryAfter, lateMs }: { status: number | string; retryAfter: boolean; lateMs: number }): boolean =>
  status === 503 && retryAfter && lateMs === 0;

/** How many calls the account is shown, once the view has caught up with what is expected, or has had time to. */
const callsOf = async (split: Split, account: Account, expected: number): Promise<number> => {
  for (const deadline = Date.now() + RECOVERED_WITHIN_MS; ; await pause(50)) {
    const { status, json } = await ask(split, `/api/accounts/${account.id}/statistics/calls`, { key: split.adminKey });
    if (status === 200 && (json.total >= expected || Date.now() > deadline)) return json.total;
    if (Date.now() > deadline) throw new Error(`the calls are answered with ${status}`);
  }
};
