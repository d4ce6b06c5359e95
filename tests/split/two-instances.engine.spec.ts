import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type Answer, ask } from '../client.ts';
import { authorize, challengeFor, fromOf } from '../digest.ts';
import { createAccount, createSpace, PASSWORD } from '../population.ts';
import { doorsOf, onSplit } from './on-split.ts';
import { rightsEnd } from './rights.ts';
import { turnsOf } from './turns.ts';

const PARALLEL = 64;
/** The issue asks for 1,000; so many in each run of the suite, more by SPLIT_ROUNDS. */
const ROUNDS = Number(process.env.SPLIT_ROUNDS ?? 100);
const LANES = 4;

const times = <T>(work: (n: number) => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: PARALLEL }, (_, n) => work(n)));
const count = (answers: readonly Answer[], status: number) => answers.filter((answer) => answer.status === status).length;

onSplit(
  'two gateways, two accounts, two statistics',
  () => ({ gateways: 2, accounts: 2, statistics: 2, metrics: true }),
  (split) => {
    const create = (door: { url: string }, domain: string, username: string) =>
      ask(door, '/api/accounts', {
        method: 'POST',
        key: split().adminKey,
        body: { username, domain, password: PASSWORD, algorithm: 'SHA-256' },
      });

    test(
      `a space, at once an account in it, at once its login, by turns at both gateways, ${ROUNDS} times: no refusal`,
      async () => {
        const lanes = Array.from({ length: LANES }, async (_, lane) => {
          const door = doorsOf(split());
          if (lane % 2 === 1) door();
          for (let round = 0; round < ROUNDS / LANES; round++) {
            const domain = `sip.turns${lane}-${round}.org`;
            await createSpace(door(), domain);
            const account = await createAccount(door(), { username: 'newcomer', domain });
            const challenge = await challengeFor(door(), account);
            const authorization = authorize(account, challenge, { path: '/api/accounts/me' });
            const me = await ask(door(), '/api/accounts/me', { headers: { from: fromOf(account), authorization } });
            expect([me.status, me.json.id]).toEqual([200, account.id]);
          }
        });
        await Promise.all(lanes);
      },
      Math.max(300_000, 600 * ROUNDS),
    );

    test('64 creations of one name: one winner, the others are told that it is taken', async () => {
      await createSpace(split(), 'sip.onename.org');
      const door = doorsOf(split());
      const answers = await times(() => create(door(), 'sip.onename.org', 'the.same'));
      expect([count(answers, 200), count(answers, 422)]).toEqual([1, PARALLEL - 1]);
      for (const answer of answers.filter(({ status }) => status === 422)) {
        expect(answer.json.errors).toEqual({ username: ['The username has already been taken.'] });
      }
    });

    test('64 creations in a space for 10: ten winners; no id is given twice', async () => {
      await createSpace(split(), 'sip.full.org', { max_accounts: 10 });
      await createSpace(split(), 'sip.wide.org');
      const door = doorsOf(split());
      const answers = await times((n) => create(door(), 'sip.full.org', `crowd.${n}`));
      expect([count(answers, 200), count(answers, 403)]).toEqual([10, PARALLEL - 10]);
      const wide = await times((n) => create(door(), 'sip.wide.org', `crowd.${n}`));
      expect(count(wide, 200)).toBe(PARALLEL);
      const ids = [...answers, ...wide].filter(({ status }) => status === 200).map(({ json }) => json.id);
      expect(new Set(ids).size).toBe(10 + PARALLEL);
    });

    test('64 creations of one domain: one winner', async () => {
      const door = doorsOf(split());
      const answers = await times((n) =>
        ask(door(), '/api/spaces', { method: 'POST', key: split().adminKey, body: { name: `N${n}`, domain: 'sip.race.org' } }),
      );
      expect([count(answers, 201), count(answers, 422)]).toEqual([1, PARALLEL - 1]);
    });

    test('what need be done once is done by one instance', async () => {
      let turns = await turnsOf(split());
      while ([...turns.values()].some((having) => having.length !== 1)) {
        await pause(200);
        turns = await turnsOf(split());
      }
      const works = [...turns.keys()].join('\n');
      for (const work of [/^account@\d+ of accounts$/m, /^relay of accounts$/m, /^call@\d+ of statistics$/m]) expect(works).toMatch(work);
    });

    test('a client reads what it wrote while the instance that builds the view is killed', async () => {
      await createSpace(split(), 'sip.orphaned.org');
      const [[builds] = []] = [...(await turnsOf(split()))].flatMap(([work, having]) => (work.startsWith('account@') ? [having] : []));
      if (builds === undefined) throw new Error('nobody builds it');
      const door = doorsOf(split());
      const writesAndReads = async (n: number): Promise<number> => {
        const { id } = await createAccount(door(), { username: `orphan.${n}`, domain: 'sip.orphaned.org' });
        return (await ask(door(), `/api/accounts/${id}`, { key: split().adminKey })).status;
      };
      await builds.kill();
      const statuses: number[] = [];
      for (let n = 0; n < 30; n++) statuses.push(await writesAndReads(n));
      await builds.start();
      expect(statuses).toEqual(statuses.map(() => 200));
    });

    rightsEnd(split);
  },
);
