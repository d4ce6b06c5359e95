import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type JWTPayload, SignJWT } from 'jose';
import { ask, linesOf } from '../client.ts';
import { type Account, createAccount, createSpace } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = issuer.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const domain = 'sip.bearer.org';
const now = () => Math.floor(Date.now() / 1000);

const signed = (claims: JWTPayload, alg = 'RS256', key = issuer.privateKey): Promise<string> =>
  new SignJWT({ exp: now() + 60, ...claims }).setProtectedHeader({ alg }).sign(key);

describe('bearer tokens', () => {
  let server: ServerProcess;
  let account: Account;
  beforeAll(async () => {
    server = await startServer({ env: { JWT_RSA_PUBLIC_KEY_PEM: pem.replaceAll('\n', '\\n'), JWT_SIP_IDENTIFIER: '' } });
    await createSpace(server, domain);
    account = await createAccount(server, { username: 'bearer', domain, email: 'Bearer@example.org' });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const me = (token: string, headers: Record<string, string> = {}) =>
    ask(server, '/api/accounts/me', { headers: { authorization: `Bearer ${token}`, ...headers } });

  test.each(['RS256', 'RS384', 'RS512'])('%s, by SIP address or by e-mail', async (alg) => {
    const bySip = await me(await signed({ sip_identity: `sip:bearer@${domain}` }, alg));
    expect([bySip.status, bySip.json.id]).toEqual([200, account.id]);
    const byMail = await me(await signed({ email: 'bearer@EXAMPLE.org' }, alg));
    expect([byMail.status, byMail.json.id]).toEqual([200, account.id]);
  });

  test.each<[string, () => Promise<string>, string]>([
    ['past', () => signed({ email: 'bearer@example.org', exp: now() - 120 }), 'Expired JWT token'],
    ['not yet valid', () => signed({ email: 'bearer@example.org', nbf: now() + 600 }), 'JWT token not valid yet'],
    ['of another key', () => signed({ email: 'bearer@example.org' }, 'RS256', stranger.privateKey), 'Invalid JWT token signature'],
    ['of another algorithm', () => signed({ email: 'bearer@example.org' }, 'PS256'), 'Unsupported RSA signature'],
    ['that is none', async () => 'nonsense', 'Invalid bearer'],
    ['that is almost one', async () => 'a.b.c', 'Invalid bearer'],
  ])('one %s is refused, with a good key beside it too', async (_, token, description) => {
    for (const headers of [{}, { 'x-api-key': server.adminKey }]) {
      const refused = await me(await token(), headers as Record<string, string>);
      expect([refused.status, refused.json]).toEqual([401, { message: description }]);
      expect(linesOf(refused, 'www-authenticate')).toEqual([`Bearer error="invalid_token", error_description="${description}"`]);
    }
  });

  test('HS256 with the public key as its secret is refused', async () => {
    const forged = await new SignJWT({ email: 'bearer@example.org', exp: now() + 60 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(new TextEncoder().encode(pem));
    expect((await me(forged)).json).toEqual({ message: 'Unsupported RSA signature' });
    const [, payload] = forged.split('.');
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${payload}.`;
    expect((await me(unsigned)).json).toEqual({ message: 'Unsupported RSA signature' });
  });

  test('one of nobody here is 403, and a SIP address does not fall back to the e-mail', async () => {
    const message = 'The JWT token is not related to someone in the system';
    for (const claims of [{}, { email: 'nobody@example.org' }, { sip_identity: `sip:nobody@${domain}`, email: 'bearer@example.org' }]) {
      const refused = await me(await signed(claims));
      expect([refused.status, refused.json]).toEqual([403, { message }]);
    }
    expect((await me(await signed({ sip_identity: 5 }))).status).toBe(401);
  });
});
