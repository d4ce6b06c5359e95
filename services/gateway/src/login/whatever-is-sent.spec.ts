import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { raw } from '../spec-support/open-gateway.ts';
import { HOST, openPopulated } from '../spec-support/population.ts';

const verifiersOf = ['Digest', 'digest ', 'Bearer ', 'Basic ', 'Negotiate '];
const text = fc.stringMatching(/^[\x21-\x7e\xa0-\xff]([\x20-\x7e\xa0-\xff]{0,60}[\x21-\x7e\xa0-\xff])?$/);
const parameter = fc.tuple(
  fc.constantFrom('username', 'realm', 'nonce', 'uri', 'response', 'nc', 'cnonce', 'qop', 'opaque', 'algorithm'),
  fc.oneof(text, fc.constantFrom('"jane"', '"sip.example.org"', 'auth', '00000001', 'SHA-256', 'MD5', '""', '"')),
);
const authorization = fc.oneof(
  text,
  fc.tuple(fc.constantFrom(...verifiersOf), text).map(([scheme, rest]) => scheme + rest),
  fc.array(parameter).map((pairs) => `Digest ${pairs.map(([name, value]) => `${name}=${value}`).join(',')}`),
);
const from = fc.oneof(text, fc.constantFrom(`sip:jane@${HOST}`, 'sip:@', 'sip:%@%', '<sip:', 'sip:a@b@c;x@y'));

describe('whatever a stranger sends as a credential', () => {
  let gateway: Awaited<ReturnType<typeof openPopulated>>;
  beforeAll(async () => {
    gateway = await openPopulated({ settings: { RATE_LIMIT_PER_MINUTE: '0' } });
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  test('is a 401 or a 404 with a message, never a 500', async () => {
    const headers = fc.record(
      { authorization, from, 'x-api-key': text, cookie: text, 'accept-language': text, origin: text },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(headers, async (given) => {
        fc.pre(given['x-api-key'] !== 'jane' && given['x-api-key'] !== 'admin');
        const answer = await gateway.send('/api/accounts/me', { headers: { ...given, host: HOST } });
        expect([401, 404]).toContain(answer.status);
        expect(answer.message).toBeTruthy();
      }),
      { numRuns: 300 },
    );
  });

  test('and as a host is a 200, 400 or 404', async () => {
    await fc.assert(
      fc.asyncProperty(text, async (host) => {
        const answer = await raw(gateway, `GET /api/accounts/me HTTP/1.1\r\nHost: ${host}\r\nx-api-key: jane\r\n\r\n`);
        expect(answer).toMatch(/^HTTP\/1\.1 (200|400|404) /);
      }),
      { numRuns: 200 },
    );
  });
});
