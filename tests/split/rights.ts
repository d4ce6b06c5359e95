import { expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { authorize, challengeFor, fromOf } from '../digest.ts';
import { type Account, createAccount, keyOf, PASSWORD } from '../population.ts';
import type { Split } from './start-split.ts';

/** Within which a right that was taken away is refused at every gateway, from the answer to the command on (design §7). */
const WITHIN_MS = 1_000;

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

/** The command goes to the first gateway; every gateway is asked, each has just let the key in. */
export const rightsEnd = (split: () => Split): void => {
  test.each(ways)('%s: refused at every gateway within a second', async (_, take, refusal) => {
    const account = await createAccount(split(), { username: `rightless.${++people}`, domain: 'sip.localhost' });
    const key = await keyOf(split(), account);
    const ask1 = (url: string) => ask({ url }, '/api/accounts/me', { key });
    for (const { url } of split().gateways) expect((await ask1(url)).status).toBe(200);
    expect(await take(split(), { account, key })).toBe(200);
    const taken = performance.now();
    const late = await Promise.all(split().gateways.map(({ url }) => untilRefused(() => ask1(url), refusal, taken)));
    expect(late.filter((ms) => ms > WITHIN_MS)).toEqual([]);
    for (const { url } of split().gateways) expect((await ask1(url)).status).toBe(refusal);
  });

  test('the former password is refused at every gateway within a second, the new one is good at once', async () => {
    const account = await createAccount(split(), { username: `rightless.${++people}`, domain: 'sip.localhost' });
    const logIn = async (url: string, password: string) => {
      const challenge = await challengeFor({ url }, account);
      const authorization = authorize({ ...account, password }, challenge, { path: '/api/accounts/me' });
      return ask({ url }, '/api/accounts/me', { headers: { from: fromOf(account), authorization } });
    };
    for (const { url } of split().gateways) expect((await logIn(url, PASSWORD)).status).toBe(200);
    const body = { username: account.username, password: 'an0ther-password', algorithm: 'SHA-256' };
    expect((await manage(split(), 'PUT', `/api/accounts/${account.id}`, body)).status).toBe(200);
    const taken = performance.now();
    for (const { url } of split().gateways) expect((await logIn(url, 'an0ther-password')).status).toBe(200);
    const late = await Promise.all(split().gateways.map(({ url }) => untilRefused(() => logIn(url, PASSWORD), 401, taken)));
    expect(late.filter((ms) => ms > WITHIN_MS)).toEqual([]);
  });
};

/** Milliseconds from `taken` to the beginning of the last request that was not told the refusal; 0 = all were. */
const untilRefused = async (knock: () => Promise<{ readonly status: number }>, refusal: number, taken: number): Promise<number> => {
  for (let last = 0; ; ) {
    const began = performance.now() - taken;
    if ((await knock()).status === refusal) return last;
    last = began;
    if (began > 5 * WITHIN_MS) return began;
  }
};
