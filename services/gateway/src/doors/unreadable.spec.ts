import { describe, expect, test } from '@jest/globals';
import { raw } from '../spec-support/open-gateway.ts';
import { HOST, openPopulated } from '../spec-support/population.ts';

describe('what cannot be read as HTTP', () => {
  test.each([
    [400, 'NONSENSE\r\n\r\n'],
    [400, 'GET / HTTP/1.1\r\nBad Header: x\r\n\r\n'],
    [400, 'POST /api/ping HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n'],
    [431, `GET /api/ping HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17_000)}\r\n\r\n`],
  ])('is %s with a body of its own', async (status, text) => {
    await using gateway = await openPopulated();
    expect(await raw(gateway, text)).toMatch(
      new RegExp(`^HTTP/1\\.1 ${status} [\\s\\S]*Content-Type: application/json\r\n[\\s\\S]*{"message":"[A-Z]`),
    );
  });

  test.each([
    '/api/accounts/%/info',
    '/api/accounts/%zz/info',
    '/%',
    '/api/nothing?%',
    '/api/accounts/%00/info',
    '/?',
    'http://[',
    'http://',
    'http:///x',
    'http://a:b:c/x',
    '*',
    '//',
    '/api/accounts/%ff%fe@x/info',
  ])('never becomes a 500: %s', async (path) => {
    await using gateway = await openPopulated();
    const answer = await raw(gateway, `GET ${path} HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 (200|404) /);
  });
});
