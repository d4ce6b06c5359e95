import { describe, expect, test } from '@jest/globals';
import { openGateway, raw } from '../spec-support/open-gateway.ts';
import { byKey, HOST, openPopulated } from '../spec-support/population.ts';

const ME = '/api/accounts/me';

describe('the host', () => {
  test.each([HOST, `${HOST.toUpperCase()}:8443`, `${HOST}.`])('%s is a space', async (host) => {
    await using gateway = await openPopulated();
    expect((await gateway.send(ME, { headers: byKey('jane', { host }) })).status).toBe(200);
    expect(gateway.calls.at(-1)?.hostSpace?.id).toBe(gateway.space.id);
  });

  test.each(['127.0.0.1', 'localhost:8080', '[::1]:8080'])('%s stands for the default space', async (host) => {
    await using gateway = await openPopulated();
    expect((await gateway.send(ME, { headers: byKey('jane', { host }) })).status).toBe(200);
    expect(gateway.calls.at(-1)).toMatchObject({ hostSpace: gateway.space, origin: `http://${host}` });
  });

  test.each(['a b', 'a/b', 'x:y', '[::', '-', 'a@b'])('%j is malformed: 400', async (host) => {
    await using gateway = await openPopulated();
    const answer = await raw(gateway, `GET ${ME} HTTP/1.1\r\nHost: ${host}\r\nx-api-key: jane\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 [\s\S]*\{"message":"Bad hostname provided\."\}/);
  });

  test('that is missing is malformed', async () => {
    await using gateway = await openPopulated();
    expect(await raw(gateway, `GET ${ME} HTTP/1.1\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 [\s\S]*Bad hostname/);
    expect(await raw(gateway, 'GET /healthz HTTP/1.1\r\n\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  });

  test('of an absolute target wins', async () => {
    await using gateway = await openPopulated();
    const text = `GET http://${HOST}${ME}?page=3 HTTP/1.1\r\nHost: nobody.org\r\nx-api-key: jane\r\n\r\n`;
    expect(await raw(gateway, text)).toMatch(/^HTTP\/1\.1 200 /);
    expect(gateway.calls.at(-1)).toMatchObject({ path: ME, query: { page: '3' }, hostSpace: { id: gateway.space.id } });
  });

  test('that a space has just got is known at once', async () => {
    await using gateway = await openPopulated();
    expect((await gateway.send(ME, { headers: byKey('jane', { host: 'new.example.org' }) })).status).toBe(404);
    gateway.backend.addSpace('new.example.org');
    expect((await gateway.send(ME, { headers: byKey('jane', { host: 'new.example.org' }) })).status).toBe(200);
  });
});

describe('a trusted proxy', () => {
  const forwarded = {
    'x-forwarded-for': '203.0.113.9, 198.51.100.7, 10.0.0.2',
    'x-forwarded-host': 'evil.org, sip.example.org, inner',
    'x-forwarded-proto': 'https, https',
    'x-request-id': 'abc-1',
  };

  test('tells address, host, scheme and request id', async () => {
    await using gateway = await openPopulated({ settings: { TRUST_PROXY: '127.0.0.1, 10.0.0.0/8' } });
    const answer = await gateway.send(ME, { headers: byKey('jane', { ...forwarded, host: 'inner' }) });
    expect([answer.status, answer.headers['x-request-id']]).toEqual([200, 'abc-1']);
    expect(gateway.calls.at(-1)).toMatchObject({
      address: '198.51.100.7',
      origin: `https://${HOST}`,
      context: { correlation: 'abc-1', actor: `account:${gateway.user.id}`, space: gateway.space.id },
    });
  });

  test('is believed only when it is one of ours', async () => {
    await using gateway = await openPopulated();
    const answer = await gateway.send(ME, { headers: byKey('jane', forwarded) });
    expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(gateway.calls.at(-1)).toMatchObject({ address: '127.0.0.1', origin: `http://${HOST}` });
  });

  test('that is neither address nor network refuses the start', () =>
    expect(openGateway({ settings: { TRUST_PROXY: 'proxy' } })).rejects.toThrow('TRUST_PROXY'));
});
