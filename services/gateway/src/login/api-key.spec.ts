import { describe, expect, test } from '@jest/globals';
import { sha256 } from '../spec-support/backend.ts';
import { byKey, HOST, openPopulated } from '../spec-support/population.ts';

const ME = '/api/accounts/me';
const MINUTE = 60_000;

const open = (settings: Record<string, string> = {}) => openPopulated({ settings });

describe('an API key', () => {
  test('opens the door by header or by cookie', async () => {
    await using gateway = await open();
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200);
    expect((await gateway.send(ME, { headers: { host: HOST, cookie: 'a=b; x-api-key=jane; c=d' } })).status).toBe(200);
    expect(gateway.calls.at(-1)?.caller).toMatchObject({ accountId: gateway.user.id, via: 'key', keyKind: 'admin' });
  });

  test('decides alone: a bad header beside a good cookie or a good DIGEST user is final', async () => {
    await using gateway = await open();
    const answer = await gateway.send(ME, { headers: { ...byKey('bad'), cookie: 'x-api-key=jane', from: `sip:jane@${HOST}` } });
    expect([answer.status, answer.message, answer.headers['www-authenticate']]).toEqual([401, 'Invalid API Key', undefined]);
  });

  test.each(['', '  '])('counts %j in the header as absent', async (empty) => {
    await using gateway = await open();
    expect((await gateway.send(ME, { headers: { ...byKey(empty), cookie: 'x-api-key=jane' } })).status).toBe(200);
    expect((await gateway.send(ME, { headers: byKey(empty) })).message).toBe('From header is required or invalid token');
  });

  test.each([{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example.org' }, { origin: 'null' }])(
    'in a cookie that another site made the browser send is refused: %j',
    async (headers) => {
      await using gateway = await open();
      const answer = await gateway.send(ME, { headers: { host: HOST, cookie: 'x-api-key=jane', ...headers } as Record<string, string> });
      expect([answer.status, answer.message]).toEqual([401, 'Invalid API Key']);
    },
  );

  test('in a cookie from our own page is good', async () => {
    await using gateway = await open();
    const headers = { host: HOST, cookie: 'x-api-key=jane', origin: `https://${HOST}`, 'sec-fetch-site': 'same-origin' };
    expect((await gateway.send(ME, { headers })).status).toBe(200);
  });

  test('is bound to an address, not to its spelling', async () => {
    await using gateway = await open();
    gateway.backend.addKey('here', gateway.user, { address: '::ffff:127.0.0.1' });
    gateway.backend.addKey('there', gateway.user, { address: '192.0.2.1' });
    expect((await gateway.send(ME, { headers: byKey('here') })).status).toBe(200);
    expect((await gateway.send(ME, { headers: byKey('there') })).message).toBe('Invalid API Key');
  });

  test('of a user ends with the passwords that it was made under; one of an admin does not', async () => {
    await using gateway = await open();
    gateway.backend.addKey('user key', gateway.user, { kind: 'user', credentialVersion: 1 });
    expect((await gateway.send(ME, { headers: byKey('user key') })).status).toBe(200);
    gateway.backend.change(gateway.user, { credentialVersion: 2 });
    gateway.clock.advance(1000);
    expect((await gateway.send(ME, { headers: byKey('user key') })).message).toBe('Invalid API Key');
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200);
  });

  test('of a deleted account is unknown', async () => {
    await using gateway = await open();
    gateway.backend.removeAccount(gateway.user);
    expect((await gateway.send(ME, { headers: byKey('jane') })).message).toBe('Invalid API Key');
  });

  test('ends when it was not used for its minutes, counted from each use', async () => {
    await using gateway = await open();
    const { clock, backend } = gateway;
    backend.addKey('short', gateway.user, { id: 'short', kind: 'user', credentialVersion: 1, expiresAfterMinutes: 5 });
    backend.lastUses.set('short', clock());
    for (let use = 0; use < 4; use++) {
      clock.advance(4 * MINUTE);
      expect((await gateway.send(ME, { headers: byKey('short') })).status).toBe(200);
    }
    clock.advance(6 * MINUTE + 1);
    expect((await gateway.send(ME, { headers: byKey('short') })).message).toBe('Invalid API Key');
  });

  test('used through another gateway has not ended here', async () => {
    await using gateway = await open();
    const { clock, backend } = gateway;
    backend.addKey('short', gateway.user, { id: 'short', expiresAfterMinutes: 5 });
    backend.lastUses.set('short', clock());
    expect((await gateway.send(ME, { headers: byKey('short') })).status).toBe(200);
    clock.advance(10 * MINUTE);
    backend.lastUses.set('short', clock() - MINUTE);
    expect((await gateway.send(ME, { headers: byKey('short') })).status).toBe(200);
  });

  test('tells its use at most once a minute, blocked accounts included', async () => {
    await using gateway = await open();
    gateway.backend.change(gateway.user, { blocked: true });
    for (let use = 0; use < 5; use++) await gateway.send(ME, { headers: byKey('jane') });
    expect(gateway.backend.timesAsked('tokens.keyUsed')).toBe(1);
    gateway.clock.advance(MINUTE);
    await gateway.send(ME, { headers: byKey('jane') });
    expect(gateway.backend.timesAsked('tokens.keyUsed')).toBe(2);
  });

  test('is asked for by its hash, never by itself', async () => {
    await using gateway = await open();
    gateway.backend.keys.delete(sha256('jane'));
    gateway.backend.keys.set('jane', {
      id: 'k',
      accountId: 1,
      kind: 'admin',
      address: null,
      createdAt: 0,
      expiresAfterMinutes: 0,
      credentialVersion: null,
    });
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(401);
  });
});
