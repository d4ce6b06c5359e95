import { describe, expect, test } from '@jest/globals';
import { clientOf } from '../request/address.ts';
import { type GatewayUnderTest, openGateway } from '../spec-support/open-gateway.ts';
import { byKey, HOST, populate } from '../spec-support/population.ts';

const ME = '/api/accounts/me';
const MINUTE = 60_000;

const open = async (perMinute: number) => {
  const gateway = await openGateway({ settings: { RATE_LIMIT_PER_MINUTE: String(perMinute) } });
  const people = populate(gateway);
  gateway.backend.addKey('user key', people.user, { kind: 'user', credentialVersion: 1 });
  return Object.assign(gateway, people);
};
const times = async (count: number, send: () => ReturnType<GatewayUnderTest['send']>) => {
  const statuses: number[] = [];
  for (let n = 0; n < count; n++) statuses.push((await send()).status);
  return statuses;
};

describe('the limit of requests', () => {
  test('holds per address for what carries no credential', async () => {
    await using gateway = await open(3);
    const first = await gateway.send('/api/ping');
    expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
    await gateway.send('/api/ping');
    await gateway.send(ME, { headers: { host: HOST } });
    const fourth = await gateway.send('/api/ping');
    expect([fourth.status, fourth.message]).toEqual([429, 'Too Many Attempts.']);
    expect(fourth.headers).toMatchObject({
      'retry-after': '60',
      'x-ratelimit-limit': '3',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': String((gateway.clock() + MINUTE) / 1000),
    });
    gateway.clock.advance(MINUTE);
    expect((await gateway.send('/api/ping')).status).toBe(200);
  });

  test('cannot be dodged on public routes by a credential that nobody looks at', async () => {
    await using gateway = await open(2);
    expect(await times(3, () => gateway.send('/api/ping', { headers: { 'x-api-key': 'junk' } }))).toEqual([200, 200, 429]);
  });

  test('holds per account for what logged in, wherever it comes from', async () => {
    await using gateway = await open(2);
    expect(await times(3, () => gateway.send(ME, { headers: byKey('user key') }))).toEqual([200, 200, 429]);
  });

  test('exempts admin keys, and tells none', async () => {
    await using gateway = await open(1);
    expect(await times(3, () => gateway.send(ME, { headers: byKey('admin') }))).toEqual([200, 200, 200]);
    expect((await gateway.send(ME, { headers: byKey('admin') })).headers['x-ratelimit-limit']).toBeUndefined();
  });

  test('never slows down the doors of Flexisip', async () => {
    await using gateway = await open(1);
    const patient = () => gateway.send('/api/stats/calls', { method: 'POST', headers: byKey('user key') });
    expect(await times(3, patient)).toEqual([403, 403, 403]);
    expect(await times(65, () => gateway.send('/api/stats/calls', { method: 'POST', headers: byKey('wrong') }))).not.toContain(429);
  });

  test('holds at those doors for whoever has no key: passwords can be guessed', async () => {
    await using gateway = await open(600);
    const guess = () =>
      gateway.send('/api/stats/calls', {
        method: 'POST',
        headers: { host: HOST, from: `sip:admin@${HOST}`, authorization: 'Digest nonce=x' },
      });
    expect((await times(61, guess)).at(-1)).toBe(429);
  });

  test('holds per address for credentials that lead to no account', async () => {
    await using gateway = await open(2);
    const headers = { host: HOST, cookie: 'x-api-key=jane', origin: 'https://evil.example.org' };
    expect(await times(3, () => gateway.send(ME, { headers }))).toEqual([401, 401, 429]);
  });

  test('limits nobody while it cannot count', async () => {
    await using gateway = await open(1);
    gateway.ephemeral.down = true;
    expect(await times(3, () => gateway.send('/api/ping'))).toEqual([200, 200, 200]);
  });
});

describe('failed logins', () => {
  test('are 429 after sixty a minute from one address; a good credential still passes', async () => {
    await using gateway = await open(600);
    expect(new Set(await times(60, () => gateway.send(ME, { headers: byKey('wrong') })))).toEqual(new Set([401]));
    const answer = await gateway.send(ME, { headers: byKey('wrong') });
    expect([answer.status, answer.headers['retry-after']]).toEqual([429, '60']);
    expect((await gateway.send(ME, { headers: { host: HOST, from: 'sip:nobody@sip.example.org' } })).status).toBe(429);
    expect((await gateway.send(ME, { headers: byKey('admin') })).status).toBe(200);
    gateway.clock.advance(MINUTE);
    expect((await gateway.send(ME, { headers: byKey('wrong') })).status).toBe(401);
  });

  test('are not: challenges, and requests without credential', async () => {
    await using gateway = await open(6000);
    const discover = () => gateway.send(ME, { headers: { host: HOST, from: `sip:jane@${HOST}` } });
    expect(new Set(await times(70, discover))).toEqual(new Set([401]));
    expect(new Set(await times(70, () => gateway.send(ME, { headers: { host: HOST } })))).toEqual(new Set([401]));
  });

  test('are not counted when all limits are off', async () => {
    await using gateway = await open(0);
    expect(new Set(await times(70, () => gateway.send(ME, { headers: byKey('wrong') })))).toEqual(new Set([401]));
  });
});

test('the store is told of no address: a key of it names nobody', async () => {
  await using gateway = await open(6000);
  await gateway.send('/api/ping');
  await gateway.send(ME, { headers: byKey('wrong') });
  const kinds = gateway.ephemeral.keys.map((name) => name.split(':').slice(0, -1).join(':'));
  expect(new Set(kinds)).toEqual(new Set(['limit:address', 'failed-logins']));
  expect(gateway.ephemeral.keys.join()).not.toMatch(/127\.0\.0\.1|::1/);
});

describe('a client', () => {
  test('of IPv6 is its network, since its addresses are endless', () => {
    expect(clientOf('2001:db8:1:2:3:4:5:6')).toBe(clientOf('2001:db8:1:2::1'));
    expect(clientOf('2001:db8:1:3::1')).not.toBe(clientOf('2001:db8:1:2::1'));
    expect(clientOf('192.0.2.1')).toBe('192.0.2.1');
  });
});
