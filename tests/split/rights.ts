import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { type Answer, ask } from '../client.ts';
import { authorize, challengeFor, fromOf } from '../digest.ts';
import { type Account, createAccount, keyOf, PASSWORD } from '../population.ts';
import type { Split } from './start-split.ts';

/** Within which a right that was taken away is refused at every gateway, from the answer to the command on (design §7). */
const WITHIN_MS = 1_000;
const ANSWERED_WITHIN_MS = 15_000;

interface Held {
  readonly account: Account;
  readonly key: string;
}

/** How a right is taken away, and what the key is told from then on. */
const ways: readonly (readonly [name: string, take: (split: Split, held: Held) => Promise<number>, refusal: number])[] = [
  ['blocked', async (split, { account }) => (await manage(split, 'POST', `/api/accounts/${account.id}/block`)).status, 403],
  ['deleted', async (split, { account }) => (await manage(split, 'DELETE', `/api/accounts/${account.id}`)).status, 401],
  ['its key replaced', async (split, { key }) => (await ask(split, '/api/accounts/me/api_key', { key })).status, 401],
  [
    'its password changed',
    async (split, { account: { id, username } }) =>
      (await manage(split, 'PUT', `/api/accounts/${id}`, { username, password: 'an0ther-password', algorithm: 'SHA-256' })).status,
    401,
  ],
];

const manage = (split: Split, method: string, path: string, body?: unknown) => ask(split, path, { method, key: split.adminKey, body });

let people = 0;

/** Begins what is to disturb a case, and answers what ends it. */
type Disturb = () => Promise<() => Promise<void>>;

/** The command goes to the first gateway; every gateway is asked, each has just let the key in. Where something disturbs, connections may break. */
export const rightsEnd = (split: () => Split, when = '', disturb?: Disturb): void => {
  const knocking = (attempt: () => Promise<Answer>): Knock => (disturb === undefined ? once(attempt) : untilAnswered(attempt));
  const disturbed = async (work: () => Promise<void>): Promise<void> => {
    const calm = await disturb?.();
    try {
      await work();
    } finally {
      await calm?.();
    }
  };

  test.each(ways)(`%s${when}: refused at every gateway within a second`, async (_, take, refusal) => {
    const account = await createAccount(split(), { username: `rightless.${++people}`, domain: 'sip.localhost' });
    const key = await keyOf(split(), account);
    await disturbed(async () => {
      const doors = split().gateways.map(({ url }) => knocking(() => ask({ url }, '/api/accounts/me', { key })));
      for (const knock of doors) expect((await knock()).status).toBe(200);
      expect(await take(split(), { account, key })).toBe(200);
      const taken = performance.now();
      const late = await Promise.all(doors.map((knock) => untilRefused(knock, refusal, taken)));
      expect(late.filter((ms) => ms > WITHIN_MS)).toEqual([]);
      for (const knock of doors) expect((await knock()).status).toBe(refusal);
    });
  });

  test(`the former password${when} is refused at every gateway within a second, the new one is good at once`, async () => {
    const account = await createAccount(split(), { username: `rightless.${++people}`, domain: 'sip.localhost' });
    const logIn = (url: string, password: string) =>
      knocking(async () => {
        const challenge = await challengeFor({ url }, account);
        const authorization = authorize({ ...account, password }, challenge, { path: '/api/accounts/me' });
        return ask({ url }, '/api/accounts/me', { headers: { from: fromOf(account), authorization } });
      });
    const allWith = (password: string) => split().gateways.map(({ url }) => logIn(url, password));
    await disturbed(async () => {
      for (const knock of allWith(PASSWORD)) expect((await knock()).status).toBe(200);
      const body = { username: account.username, password: 'an0ther-password', algorithm: 'SHA-256' };
      expect((await manage(split(), 'PUT', `/api/accounts/${account.id}`, body)).status).toBe(200);
      const taken = performance.now();
      for (const knock of allWith('an0ther-password')) expect((await knock()).status).toBe(200);
      const late = await Promise.all(allWith(PASSWORD).map((knock) => untilRefused(knock, 401, taken)));
      expect(late.filter((ms) => ms > WITHIN_MS)).toEqual([]);
    });
  });
};

/** The status of an answer, and when its request began. */
type Knock = () => Promise<{ readonly status: number; readonly began: number }>;

const once =
  (attempt: () => Promise<Answer>): Knock =>
  async () => {
    const began = performance.now();
    return { status: (await attempt()).status, began };
  };

const untilAnswered =
  (attempt: () => Promise<Answer>): Knock =>
  async () => {
    for (const deadline = performance.now() + ANSWERED_WITHIN_MS; ; await pause(10)) {
      try {
        return await once(attempt)();
      } catch (error) {
        if (performance.now() > deadline) throw error; // it is down for good
      }
    }
  };

/** Milliseconds from `taken` to the beginning of the last request that was not told the refusal; 0 = all were. */
const untilRefused = async (knock: Knock, refusal: number, taken: number): Promise<number> => {
  for (let last = 0; ; ) {
    const { status, began } = await knock();
    if (status === refusal) return last;
    last = began - taken;
    if (last > 5 * WITHIN_MS) return last;
  }
};
