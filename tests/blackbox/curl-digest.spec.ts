import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { authorize, challengeFor, fromOf } from '../digest.ts';
import { type Account, createAccount, createSpace } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

/** A session with curl, as an integrator tries the API: from discovery to an API key (spec auth-and-errors.md §6, tokens.md §16). */
const curl = async (...args: string[]): Promise<{ headers: string[]; status: number; body: string }> => {
  const child = spawn('curl', ['--silent', '--show-error', '--include', '--max-time', '20', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const answers = (await text(child.stdout)).split(/(?=^HTTP\/1\.1 )/m); // one of each request
  const last = answers.at(-1) ?? '';
  const end = last.indexOf('\r\n\r\n');
  const headers = last.slice(0, end).split('\r\n');
  return { headers, status: Number(headers[0]?.split(' ')[1]), body: last.slice(end + 4) };
};

const challengesIn = (headers: string[]): string[] => headers.filter((line) => /^www-authenticate:/i.test(line));

describe.each(['MD5', 'SHA-256'])('curl --digest, %s', (algorithm) => {
  let server: ServerProcess;
  let account: Account;
  const domain = 'sip.curl.example';
  beforeAll(async () => {
    server = await startServer();
    await createSpace(server, domain, { account_realm: 'realm.curl.example' });
    account = await createAccount(server, { username: 'tony.curl', domain, algorithm, password: 'pass "with" ünusual' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const from = () => ['--header', `From: ${fromOf(account)}`];
  const login = (password = account.password) => ['--digest', '--user', `${account.username}:${password}`];

  test('discovery: one challenge line for the one password', async () => {
    const { status, headers, body } = await curl(...from(), `${server.url}/api/accounts/me`);
    expect(status).toBe(401);
    expect(challengesIn(headers)).toEqual([
      expect.stringMatching(
        new RegExp(
          `^www-authenticate: Digest realm="realm\\.curl\\.example",qop="auth",algorithm=${algorithm},nonce="[A-Za-z0-9]{32}",opaque="[^"]+"$`,
          'i',
        ),
      ),
    ]);
    expect(JSON.parse(body)).toEqual({ message: 'Unauthenticated request' });
  });

  test('logs in; the answer repeats the challenge', async () => {
    const { status, headers, body } = await curl(...login(), ...from(), `${server.url}/api/accounts/me`);
    expect(status).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ id: account.id, username: 'tony.curl', domain });
    expect(challengesIn(headers)).toHaveLength(1);
  });

  test('gets an API key, which opens the same door', async () => {
    const got = await curl(...login(), ...from(), `${server.url}/api/accounts/me/api_key`);
    expect(got.status).toBe(200);
    expect(got.body).toMatch(/^[A-Za-z0-9]{40}$/);
    const me = await curl('--header', `x-api-key: ${got.body}`, `${server.url}/api/accounts/me`);
    expect([me.status, JSON.parse(me.body).id]).toEqual([200, account.id]);
  });

  test('refuses a wrong password with a fresh challenge', async () => {
    const { status, headers, body } = await curl(...login('wrong'), ...from(), `${server.url}/api/accounts/me`);
    expect([status, JSON.parse(body).message]).toEqual([401, 'Unauthorized']);
    expect(challengesIn(headers)).toHaveLength(1);
  });

  test('does not know a stranger', async () => {
    const { status, body } = await curl('--header', `From: sip:nobody@${domain}`, `${server.url}/api/accounts/me`);
    expect([status, JSON.parse(body).message]).toEqual([404, 'Missing elements to perform the request']);
  });
});

describe('a captured request', () => {
  test('is refused when it comes again, also after a restart', async () => {
    await using server = await startServer();
    const account = await createAccount(server, { username: 'captured', domain: 'sip.localhost' });
    const path = '/api/accounts/me';
    const challenge = await challengeFor(server, account);
    const headers = { from: fromOf(account), authorization: authorize(account, challenge, { path }) };
    expect((await ask(server, path, { headers })).status).toBe(200);
    const again = await ask(server, path, { headers });
    expect([again.status, again.json.message]).toEqual([401, 'Nonce replayed']);

    const unused = await challengeFor(server, account);
    const captured = { from: fromOf(account), authorization: authorize(account, unused, { path }) };
    expect(await server.stop()).toBe(0);
    await using restarted = await startServer({ folder: server.folder });
    const replay = await ask(restarted, path, { headers });
    expect([replay.status, replay.json.message]).toEqual([401, 'Nonce invalid']);
    // What was never used is good once where counters outlive a restart, else not at all: a counter that was lost may have been used.
    const first = await ask(restarted, path, { headers: captured });
    expect(first.status).toBe(restarted.kind === 'split' ? 200 : 401);
    expect((await ask(restarted, path, { headers: captured })).status).toBe(401);
  });

  test('a nonce serves many requests while nc grows, and none for another account', async () => {
    await using server = await startServer();
    const tony = await createAccount(server, { username: 'tony.one', domain: 'sip.localhost' });
    const mike = await createAccount(server, { username: 'mike.two', domain: 'sip.localhost' });
    const path = '/api/accounts/me';
    const challenge = await challengeFor(server, tony);
    const tries = (who: Account, nc: number) =>
      ask(server, path, { headers: { from: fromOf(who), authorization: authorize(who, challenge, { path, nc }) } });
    const parallel = await Promise.all([3, 1, 4, 2, 5].map((nc) => tries(tony, nc)));
    expect(parallel.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    const stolen = await tries(mike, 6);
    expect([stolen.status, stolen.json.message]).toEqual([401, 'Nonce invalid']);
  });
});
