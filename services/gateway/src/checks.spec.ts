import { describe, expect, test } from '@jest/globals';
import type { GatewayUnderTest } from './spec-support/open-gateway.ts';
import { byKey, HOST, openPopulated } from './spec-support/population.ts';

const ME = '/api/accounts/me';
const ACCOUNTS = '/api/accounts';

describe('the order of the checks', () => {
  const order: [string, string, Parameters<GatewayUnderTest['send']>[1], number, string][] = [
    ['an unknown path before the login', '/api/nothing/', {}, 404, 'The route api/nothing could not be found.'],
    [
      'an unknown method before the login',
      '/api/ping',
      { method: 'POST', body: '{' },
      405,
      'The POST method is not supported for route api/ping. Supported methods: GET, HEAD.',
    ],
    ['broken JSON before the login', ACCOUNTS, { method: 'POST', body: '{' }, 400, 'Invalid JSON: Syntax error'],
    ['broken JSON before the host', ME, { body: '{', headers: { host: 'nobody.org' } }, 400, 'Invalid JSON: Syntax error'],
    ['an unknown host before the login', ME, { headers: { host: 'nobody.org' } }, 404, 'Host not configured'],
    ['the login before the role', '/api/accounts/7', { headers: { host: HOST } }, 401, 'From header is required or invalid token'],
    ['the role before the look-up', '/api/accounts/7', { headers: byKey('jane') }, 403, 'Unauthorized area'],
  ];
  test.each(order)('%s', async (_name, path, options, status, message) => {
    await using gateway = await openPopulated();
    const answer = await gateway.send(path, options);
    expect([answer.status, answer.message]).toEqual([status, message]);
  });

  test('a body that says it is too large before an unknown path', async () => {
    await using gateway = await openPopulated({ settings: { MAX_BODY_BYTES: '10' } });
    const answer = await gateway.send('/api/nothing', { method: 'POST', body: 'x'.repeat(11) });
    expect([answer.status, answer.message]).toEqual([413, 'Payload too large']);
  });
});

describe('a method', () => {
  test('that a path has not is 405 with Allow', async () => {
    await using gateway = await openPopulated();
    const answer = await gateway.send('/api/accounts/7/', { method: 'PATCH' });
    expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD, PUT, DELETE']);
    expect(answer.message).toContain('The PATCH method is not supported for route api/accounts/7.');
  });

  test('HEAD is a GET without body, but no GET that changes state', async () => {
    await using gateway = await openPopulated();
    const answer = await gateway.send(ME, { method: 'HEAD', headers: byKey('jane') });
    expect([answer.status, answer.text, answer.headers['content-length']]).toEqual([200, '', '18']);
    expect((await gateway.send('/api/accounts/me/api_key', { method: 'HEAD', headers: byKey('jane') })).status).toBe(405);
  });

  test('OPTIONS tells what a known path has, without login', async () => {
    await using gateway = await openPopulated();
    const answer = await gateway.send(ME, { method: 'OPTIONS' });
    expect([answer.status, answer.headers.allow, answer.text]).toEqual([204, 'GET, HEAD, DELETE', '']);
    expect((await gateway.send('/api/nothing', { method: 'OPTIONS' })).status).toBe(404);
  });
});
