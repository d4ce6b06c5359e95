import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, linesOf } from '../client.ts';
import { askByDigest, fromOf } from '../digest.ts';
import { type Account, createAccount, keyOf } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

describe('API keys', () => {
  let server: ServerProcess;
  let account: Account;
  beforeAll(async () => {
    server = await startServer({ env: { TRUST_PROXY: '127.0.0.1' } });
    account = await createAccount(server, { username: 'keeper', domain: 'sip.localhost' });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(server.folder, { recursive: true, force: true }); // a restarted one was given its folder
  });

  const me = (headers: Record<string, string>) => ask(server, '/api/accounts/me', { headers });

  test('come as bare text and as a cookie that opens the door too', async () => {
    const got = await askByDigest(server, account, '/api/accounts/me/api_key');
    expect(got.text).toMatch(/^[A-Za-z0-9]{40}$/);
    const [cookie = ''] = linesOf(got, 'set-cookie');
    expect(cookie.split('; ')).toEqual(
      expect.arrayContaining([`x-api-key=${got.text}`, 'Max-Age=3600', 'Path=/', 'HttpOnly', 'SameSite=Lax']),
    );
    expect((await me({ cookie: `theme=dark; x-api-key=${got.text}` })).status).toBe(200);
    expect((await me({ cookie: `x-api-key=${got.text}`, 'sec-fetch-site': 'cross-site' })).status).toBe(401);
    expect((await me({ cookie: `x-api-key=${got.text}`, origin: 'https://evil.example' })).status).toBe(401);
  });

  test('each one replaces the former at once; HEAD does not make one', async () => {
    const first = await keyOf(server, account);
    const head = await ask(server, '/api/accounts/me/api_key', { method: 'HEAD', key: first });
    expect(head.status).toBe(405);
    const second = (await ask(server, '/api/accounts/me/api_key', { key: first })).text;
    expect(second).not.toBe(first);
    const former = await me({ 'x-api-key': first });
    expect([former.status, former.json]).toEqual([401, { message: 'Invalid API Key' }]);
    expect((await me({ 'x-api-key': second })).status).toBe(200);
  });

  test('the header counts before the cookie, even a wrong one; an empty one is none; From does not matter', async () => {
    const key = await keyOf(server, account);
    expect((await me({ 'x-api-key': 'wrong', cookie: `x-api-key=${key}` })).status).toBe(401);
    expect((await me({ 'x-api-key': '', cookie: `x-api-key=${key}` })).status).toBe(200);
    expect((await me({ 'x-api-key': key, from: 'sip:admin@sip.localhost' })).json.id).toBe(account.id);
    const wrong = await me({ 'x-api-key': 'wrong', from: fromOf(account) });
    expect([wrong.status, linesOf(wrong, 'www-authenticate')]).toEqual([401, []]);
    expect((await me({ 'x-api-key': key.toLowerCase() })).status).toBe(401);
  });

  test('a user key is good from its own address only, however that is written', async () => {
    const key = await keyOf(server, account);
    expect((await me({ 'x-api-key': key, 'x-forwarded-for': '203.0.113.9' })).status).toBe(401);
    expect((await me({ 'x-api-key': key, 'x-forwarded-for': '::ffff:127.0.0.1' })).status).toBe(200);
    expect((await me({ 'x-api-key': server.adminKey, 'x-forwarded-for': '203.0.113.9' })).status).toBe(200);
  });

  test('a key outlives a restart', async () => {
    const key = await keyOf(server, account);
    expect(await server.stop()).toBe(0);
    server = await startServer({ folder: server.folder });
    expect((await me({ 'x-api-key': key })).status).toBe(200);
    expect((await me({ 'x-api-key': server.adminKey })).json.username).toBe('admin');
  });
});
