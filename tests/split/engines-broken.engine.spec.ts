import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { authorize, challengeFor, fromOf } from '../digest.ts';
import { isOwn, type OwnEngine } from '../engines/engine.ts';
import { startEventStoreDbDouble } from '../engines/eventstoredb.ts';
import { startOwnKafka } from '../engines/kafka.ts';
import { startOwnMongoDb } from '../engines/mongodb.ts';
import { startOwnRedis } from '../engines/redis.ts';
import { createAccount } from '../population.ts';
import { onSplit } from './on-split.ts';
import { RECOVERED_WITHIN_MS, REFUSED_WITHIN_MS, survive } from './survive.ts';

const AWAY_MS = 10_000;
const SILENT_MS = 4_000;
const AT_MOST_MS = 120_000;

/** Engines of this suite's own: those of the run serve others, and cannot be killed where somebody else runs them. */
const engines = {
  Redis: await startOwnRedis(),
  MongoDB: await startOwnMongoDb(),
  Kafka: await startOwnKafka(),
  EventStoreDB: await startEventStoreDbDouble(),
};
const all = Object.values(engines);
const missing = all.filter((engine) => !isOwn(engine)).map(({ name }) => name);
const stopAll = () => Promise.all(all.map((engine) => engine.stop()));
if (missing.length > 0) await stopAll(); // the cases are skipped, and with them what comes after them

const ownEngine = (name: keyof typeof engines): OwnEngine => {
  const engine = engines[name];
  if (!isOwn(engine)) throw new Error(`${name} is missing`);
  return engine;
};

/** Who notices that an engine is away: keys, accounts and calls go on without Redis and without Kafka. */
const felt = { Redis: 'nobody', Kafka: 'nobody', MongoDB: 'account', EventStoreDB: 'call' } as const;
const cases = Object.entries(felt) as [keyof typeof engines, (typeof felt)[keyof typeof felt]][];

onSplit(
  'engines under a light load',
  () => ({ gateways: 2, accounts: 2, statistics: 2, env: Object.assign({}, ...all.map(({ env }) => env)) }),
  (split) => {
    afterAll(stopAll);

    const admin = (method: string, path: string, body?: unknown) => ask(split(), path, { method, key: split().adminKey, body });

    test.each(cases)(
      'kill -9 of %s, away for 10 s, restarted: nothing acknowledged is lost, calls are held',
      async (name, notices) => {
        const engine = ownEngine(name);
        const comesBack = async (): Promise<void> => {
          await pause(AWAY_MS); // nothing ends it sooner
          await engine.restart();
        };
        await survive(split(), { breaks: () => engine.kill(), mends: comesBack, felt: notices });
      },
      AT_MOST_MS,
    );

    test.each(cases)(
      '%s is there and silent for 4 s: the same',
      async (name, notices) => {
        const engine = ownEngine(name);
        const thaws = async (): Promise<void> => {
          await pause(SILENT_MS);
          engine.thaw();
        };
        await survive(split(), { breaks: async () => engine.freeze(), mends: thaws, felt: notices });
      },
      AT_MOST_MS,
    );

    test('without Redis DIGEST is refused in time, with Retry-After; when it is back a new challenge is all that it takes', async () => {
      const account = await createAccount(split(), { username: 'without.redis', domain: 'sip.localhost' });
      const redis = ownEngine('Redis');
      const challenge = await challengeFor(split(), account);
      const me = (nc: number) => {
        const authorization = authorize(account, challenge, { path: '/api/accounts/me', nc });
        return ask(split(), '/api/accounts/me', { headers: { from: fromOf(account), authorization } });
      };
      expect((await me(1)).status).toBe(200);
      await redis.kill();
      const began = performance.now();
      const refused = await me(2);
      expect([refused.status, refused.headers['retry-after'] !== undefined, performance.now() - began < REFUSED_WITHIN_MS]).toEqual([
        503,
        true,
        true,
      ]);
      await redis.restart();
      const deadline = Date.now() + RECOVERED_WITHIN_MS;
      while ((await me(3)).status === 503 && Date.now() < deadline) await pause(50);
      expect((await me(3)).status).toBe(401); // the counters may be those of a moment before the end
      const again = authorize(account, await challengeFor(split(), account), { path: '/api/accounts/me' });
      expect((await ask(split(), '/api/accounts/me', { headers: { from: fromOf(account), authorization: again } })).status).toBe(200);
    });

    test(
      'what a service tells others while Kafka is silent reaches them afterwards',
      async () => {
        const domain = 'sip.localhost';
        const [stays, goes] = [
          await createAccount(split(), { username: 'stays.here', domain }),
          await createAccount(split(), { username: 'goes.away', domain }),
        ];
        const call = { id: 'of-both', from: `stays.here@${domain}`, to: `goes.away@${domain}`, initiated_at: '2026-03-12T14:53:22Z' };
        expect((await admin('POST', '/api/statistics/calls', call)).status).toBe(200);
        const callsOfTheOther = async () => (await admin('GET', `/api/accounts/${stays.id}/statistics/calls`)).text;
        const until = async (holds: (text: string) => boolean): Promise<void> => {
          const deadline = Date.now() + RECOVERED_WITHIN_MS;
          while (!holds(await callsOfTheOther())) {
            if (Date.now() > deadline) throw new Error('it does not come');
            await pause(50);
          }
        };
        await until((text) => text.includes('goes.away'));
        const kafka = ownEngine('Kafka');
        kafka.freeze();
        expect((await admin('DELETE', `/api/accounts/${goes.id}`)).status).toBe(200);
        kafka.thaw();
        await until((text) => !text.includes('goes.away'));
      },
      AT_MOST_MS,
    );
  },
  missing,
);
