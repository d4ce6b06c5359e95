import { describe, expect, test } from '@jest/globals';
import { raw } from '../spec-support/open-gateway.ts';
import { byKey, HOST, openPopulated } from '../spec-support/population.ts';

const ME = '/api/accounts/me';
const ACCOUNTS = '/api/accounts';

describe('a body', () => {
  const post = (body: string | Buffer, headers: Record<string, string> = {}) => ({
    method: 'POST',
    body,
    headers: byKey('admin', headers),
  });

  test.each(['application/json', 'text/plain', 'application/x-www-form-urlencoded'])('is JSON whatever its type, %s', async (type) => {
    await using gateway = await openPopulated();
    await gateway.send(ACCOUNTS, post('{"a":" b ","c":"","password":" p "}', { 'content-type': type }));
    expect(gateway.calls.at(-1)?.body).toEqual({ a: 'b', c: null, password: ' p ' });
  });

  test('may be missing, with its type too', async () => {
    await using gateway = await openPopulated();
    expect((await gateway.send(ACCOUNTS, { method: 'POST', headers: byKey('admin') })).status).toBe(200);
    expect(gateway.calls.at(-1)?.body).toEqual({});
    expect((await gateway.send(ME, { headers: byKey('jane', { 'content-type': 'application/json' }) })).status).toBe(200);
  });

  test.each([
    ['[]', 'an object is expected'],
    ['1', 'an object is expected'],
    [' ', 'Syntax error'],
    ['\ufeff{}', 'Syntax error'],
    ['a=b', 'Syntax error'],
  ])('%j is refused', async (body, reason) => {
    await using gateway = await openPopulated();
    const answer = await gateway.send(ACCOUNTS, post(body));
    expect([answer.status, answer.message]).toEqual([400, `Invalid JSON: ${reason}`]);
  });

  test('of many parts is 415', async () => {
    await using gateway = await openPopulated();
    expect((await gateway.send(ACCOUNTS, post('x', { 'content-type': 'multipart/form-data; boundary=x' }))).status).toBe(415);
  });

  test('gives a write its parameters, a read takes them from the query', async () => {
    await using gateway = await openPopulated();
    await gateway.send(`${ACCOUNTS}?title=b`, post('{"title":"a"}'));
    expect(gateway.calls.at(-1)).toMatchObject({ body: { title: 'a' }, query: {} });
    await gateway.send(`${ACCOUNTS}?page=1&page=%20+2&x=&y=%`, { headers: byKey('admin') });
    expect(gateway.calls.at(-1)?.query).toEqual({ page: '2', y: '%' });
  });

  test('in chunks that is too large is refused without being read on', async () => {
    await using gateway = await openPopulated({ settings: { MAX_BODY_BYTES: '1000' } });
    const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
    const answer = await raw(gateway, `POST ${ACCOUNTS} HTTP/1.1\r\nHost: ${HOST}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`);
    expect(answer).toMatch(/^HTTP\/1\.1 413 [\s\S]*Connection: close[\s\S]*\{"message":"Payload too large"\}$/);
  });

  test('of exactly the limit is taken', async () => {
    await using gateway = await openPopulated({ settings: { MAX_BODY_BYTES: '1000' } });
    const body = JSON.stringify({ a: 'x'.repeat(1000 - 8) });
    expect((await gateway.send(ACCOUNTS, post(body))).status).toBe(200);
    expect((await gateway.send(ACCOUNTS, post(`${body} `))).status).toBe(413);
  });

  test('that a client asks about first is not asked for when it is too large', async () => {
    await using gateway = await openPopulated({ settings: { MAX_BODY_BYTES: '10' } });
    const head = (length: number) =>
      `POST ${ACCOUNTS} HTTP/1.1\r\nHost: ${HOST}\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`;
    expect(await raw(gateway, head(11))).toMatch(/^HTTP\/1\.1 413 /);
    expect(await raw(gateway, head(9), '100 Continue')).toMatch(/^HTTP\/1\.1 100 Continue/);
  });

  test('that does not come ends in 408', async () => {
    await using gateway = await openPopulated({ settings: { REQUEST_TIMEOUT_SECONDS: '1' } });
    const text = `POST ${ACCOUNTS} HTTP/1.1\r\nHost: ${HOST}\r\nContent-Length: 10\r\n\r\n{`;
    expect(await raw(gateway, text)).toMatch(/^HTTP\/1\.1 408 [\s\S]*Request Timeout/);
  });
});
