import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { askByDigest, authorize, challengeFor, fromOf } from '../digest.ts';
import { type Account, createAccount, createSpace, keyOf, PASSWORD } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const domain = 'sip.life.org';

describe('the life of an account', () => {
  let server: ServerProcess;
  let people = 0;
  beforeAll(async () => {
    server = await startServer({ env: { ACCOUNT_PHONE_COUNTRIES: 'FR', ACCOUNT_EMAIL_UNIQUE: 'true' } });
    await createSpace(server, domain);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const somebody = (fields: object = {}): Promise<Account> => createAccount(server, { username: `person.${++people}`, domain, ...fields });
  const manage = (method: string, path: string, body?: unknown) => ask(server, path, { method, key: server.adminKey, body });
  const me = (key: string) => ask(server, '/api/accounts/me', { key });

  test('activate and deactivate, each as often as one likes; an inactive account works', async () => {
    const account = await somebody();
    const key = await keyOf(server, account);
    for (const [verb, activated] of [
      ['activate', true],
      ['activate', true],
      ['deactivate', false],
      ['deactivate', false],
    ] as const) {
      const answer = await manage('POST', `/api/accounts/${account.id}/${verb}`);
      expect([answer.status, answer.json.activated]).toEqual([200, activated]);
      expect((await me(key)).json.activated).toBe(activated);
    }
  });

  test('blocked: the very next request is refused, by key and by DIGEST; unblocked: it passes', async () => {
    const account = await somebody();
    const key = await keyOf(server, account);
    expect((await me(key)).status).toBe(200);
    expect((await manage('POST', `/api/accounts/${account.id}/block`)).json.blocked).toBe(true);
    const byKey = await me(key);
    expect([byKey.status, byKey.json]).toEqual([403, { message: 'Account blocked' }]);
    const byDigest = await askByDigest(server, account, '/api/accounts/me');
    expect([byDigest.status, byDigest.json]).toEqual([403, { message: 'Account blocked' }]);
    expect((await manage('POST', `/api/accounts/${account.id}/unblock`)).json.blocked).toBe(false);
    expect((await me(key)).status).toBe(200);
  });

  test('an admin who is demoted loses the right with the next request', async () => {
    const account = await somebody({ admin: true });
    const key = await keyOf(server, account);
    expect((await ask(server, '/api/accounts', { key })).status).toBe(200);
    const put = { username: account.username, password: PASSWORD, algorithm: 'SHA-256' };
    expect((await manage('PUT', `/api/accounts/${account.id}`, put)).json.admin).toBe(false);
    const refused = await ask(server, '/api/accounts', { key });
    expect([refused.status, refused.json.message]).toEqual([403, 'Unauthorized area']);
  });

  test('another password by PUT ends the user key; the same one does not', async () => {
    const account = await somebody();
    const key = await keyOf(server, account);
    const put = { username: account.username, password: PASSWORD, algorithm: 'SHA-256' };
    await manage('PUT', `/api/accounts/${account.id}`, put);
    expect((await me(key)).status).toBe(200);
    await manage('PUT', `/api/accounts/${account.id}`, { ...put, password: 'an0ther-one' });
    expect((await me(key)).status).toBe(401);
    const nonce = await challengeFor(server, account);
    const authorization = authorize(account, nonce, { path: '/api/accounts/me' });
    expect((await ask(server, '/api/accounts/me', { headers: { from: fromOf(account), authorization } })).status).toBe(401);
  });

  test('the own password: the old one is asked for, the key of the call goes on, activation follows', async () => {
    const account = await somebody();
    const key = await keyOf(server, account);
    const change = (body: object) => ask(server, '/api/accounts/me/password', { method: 'POST', key, body });
    const missing = await change({ algorithm: 'MD5', password: 'n3w-password' });
    expect([missing.status, missing.json.errors]).toEqual([422, { old_password: ['The old password field is required.'] }]);
    const wrong = await change({ algorithm: 'MD5', password: 'n3w-password', old_password: 'wrong' });
    expect([wrong.status, wrong.json]).toEqual([
      422,
      { message: 'Incorrect old password', errors: { old_password: ['Incorrect old password'] } },
    ]);
    expect((await me(key)).json.activated).toBe(false);
    const stale = await challengeFor(server, account);
    const right = await change({ algorithm: 'MD5', password: ' n3w password ', old_password: account.password });
    expect([right.status, right.json.passwords, right.json.activated]).toEqual([200, [{ algorithm: 'MD5' }], true]);
    expect((await me(key)).status).toBe(200);
    expect((await askByDigest(server, { ...account, password: ' n3w password ' }, '/api/accounts/me')).status).toBe(200);
    expect((await askByDigest(server, account, '/api/accounts/me')).status).toBe(401);
    const authorization = authorize(account, stale, { path: '/api/accounts/me' });
    expect((await ask(server, '/api/accounts/me', { headers: { from: fromOf(account), authorization } })).status).toBe(401);
  });

  test('deleted by an admin: key, id and address are gone, the name stays taken, e-mail and phone are free at once', async () => {
    const held = { email: 'going@example.org', phone: '+33612345678' };
    const account = await somebody(held);
    const key = await keyOf(server, account);
    const deleted = await manage('DELETE', `/api/accounts/${account.id}`);
    expect([deleted.status, deleted.text, deleted.headers['content-length']]).toEqual([200, '', '0']);
    const byKey = await me(key);
    expect([byKey.status, byKey.json]).toEqual([401, { message: 'Invalid API Key' }]);
    expect((await ask(server, '/api/accounts/me', { headers: { from: fromOf(account) } })).status).toBe(404);
    expect((await manage('GET', `/api/accounts/${account.id}`)).status).toBe(404);
    expect((await manage('DELETE', `/api/accounts/${account.id}`)).status).toBe(404);
    const again = await manage('POST', '/api/accounts', { username: account.username, domain, password: PASSWORD, algorithm: 'MD5' });
    expect([again.status, again.json.errors]).toEqual([422, { username: ['The username has already been taken.'] }]);
    const heir = await somebody(held);
    expect((await manage('GET', '/api/accounts/going@example.org/search-by-email')).json.id).toBe(heir.id);
    await createSpace(server, 'sip.next.org');
    const elsewhere = await createAccount(server, { username: account.username, domain: 'sip.next.org' });
    expect(elsewhere.id).toBeGreaterThan(account.id);
  });

  test('deleted by itself: 1', async () => {
    const account = await somebody();
    const key = await keyOf(server, account);
    const deleted = await ask(server, '/api/accounts/me', { method: 'DELETE', key });
    expect([deleted.status, deleted.text]).toEqual([200, '1']);
    expect((await ask(server, '/api/accounts/me', { method: 'DELETE', key })).status).toBe(401);
    expect((await manage('GET', `/api/accounts/${account.id}`)).status).toBe(404);
  });

  test('an e-mail address belongs to one account when that is wanted, whatever its case', async () => {
    await somebody({ email: 'only@example.org' });
    const body = { username: `person.${++people}`, domain, password: PASSWORD, algorithm: 'MD5', email: 'ONLY@example.org' };
    const second = await manage('POST', '/api/accounts', body);
    expect([second.status, second.json.errors]).toEqual([422, { email: ['The email has already been taken.'] }]);
  });
});
