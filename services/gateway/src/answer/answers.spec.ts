import { Failure, notFound } from '@flexistream/http';
import { Unavailable } from '@flexistream/kernel';
import { createLog } from '@flexistream/observability';
import { describe, expect, test } from '@jest/globals';
import { byKey, openPopulated } from '../spec-support/population.ts';

const ME = '/api/accounts/me';

describe('a failure', () => {
  test('that nobody knows shows a request id and nothing else; the log has the rest, without path and key', async () => {
    const lines: string[] = [];
    const log = createLog({ destination: { write: (line: string) => void lines.push(line) } });
    await using gateway = await openPopulated({ log, handlers: { readAccount: async () => Promise.reject(new Error('secret detail')) } });
    const answer = await gateway.send('/api/accounts/7777?secret=1', { headers: byKey('admin') });
    expect([answer.status, answer.text]).toEqual([500, '{"message":"Server Error"}']);
    const id = String(answer.headers['x-request-id']);
    expect(lines.some((line) => line.includes('secret detail') && line.includes(id))).toBe(true);
    expect(lines.join('')).not.toMatch(/7777|secret=1|"admin"/);
    expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(
      expect.objectContaining({
        requestId: id,
        method: 'GET',
        route: '/api/accounts/:id',
        status: 500,
        accountId: gateway.admin.id,
        via: 'key',
      }),
    );
  });

  test('to reach a store is 503 with Retry-After', async () => {
    await using gateway = await openPopulated({ handlers: { readMe: async () => Promise.reject(new Unavailable('down')) } });
    const answer = await gateway.send(ME, { headers: byKey('jane') });
    expect([answer.status, answer.message, answer.headers['retry-after']]).toEqual([503, 'Service Unavailable', '1']);
  });

  test('to reach an owner is 503', async () => {
    await using gateway = await openPopulated();
    gateway.backend.down = true;
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(503);
  });

  test('is told in the language of the client', async () => {
    await using gateway = await openPopulated({ handlers: { readMe: async () => Promise.reject(notFound()) } });
    const answer = await gateway.send(ME, { headers: byKey('jane', { 'accept-language': 'de, fr-CA;q=0.5' }) });
    expect(answer.message).toBe('Des éléments manquent pour traiter la requête');
    expect(answer.headers).toMatchObject({ 'content-language': 'fr', vary: 'Accept-Language' });
    const wrong = await gateway.send(ME, { headers: byKey('bad', { 'accept-language': 'fr' }) });
    expect([wrong.message, wrong.headers['content-language']]).toEqual(['Invalid API Key', 'en']);
  });

  test('keeps the headers that it names', async () => {
    const refused = new Failure(403, { key: 'account_unvalidated' }, { headers: { 'X-Reason': 'none' } });
    await using gateway = await openPopulated({ handlers: { readMe: async () => Promise.reject(refused) } });
    expect((await gateway.send(ME, { headers: byKey('jane') })).headers['x-reason']).toBe('none');
  });
});

describe('an answer', () => {
  test.each([
    [{ status: 200, text: '1' }, '1'],
    [{ status: 200 }, ''],
    [{ status: 201, json: { ä: null } }, '{"ä":null}'],
  ])('%j has length, exact type and no cache', async (given, text) => {
    await using gateway = await openPopulated({ handlers: { readMe: async () => given } });
    const answer = await gateway.send(ME, { headers: byKey('jane') });
    expect([answer.status, answer.text]).toEqual([given.status, text]);
    expect(answer.headers).toMatchObject({
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(text)),
      'cache-control': 'no-store',
    });
    expect(answer.headers.etag ?? answer.headers['x-powered-by']).toBeUndefined();
  });

  test('may carry headers and a type of its own', async () => {
    const headers = { 'Content-Type': 'text/vcard', 'Set-Cookie': ['a=b', 'c=d'] };
    await using gateway = await openPopulated({ handlers: { readMe: async () => ({ status: 200, text: 'x', headers }) } });
    const answer = await gateway.send(ME, { headers: byKey('jane') });
    expect(answer.headers).toMatchObject({ 'content-type': 'text/vcard', 'set-cookie': ['a=b', 'c=d'] });
  });
});

describe('health', () => {
  test('is answered without host, login and limit', async () => {
    let ready = true;
    await using gateway = await openPopulated({
      settings: { RATE_LIMIT_PER_MINUTE: '1' },
      ready: () => ({ ready, problems: ready ? [] : ['parked events'] }),
    });
    for (let n = 0; n < 3; n++) expect((await gateway.send('/healthz', { headers: { host: 'nobody.org' } })).status).toBe(200);
    expect((await gateway.send('/readyz')).status).toBe(200);
    ready = false;
    const answer = await gateway.send('/readyz');
    expect([answer.status, answer.text]).toEqual([503, '{"status":"not ready","problems":["parked events"]}']);
    expect((await gateway.send('/healthz', { method: 'POST' })).status).toBe(405);
  });
});
