import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { type JWTPayload, SignJWT } from 'jose';
import { openGateway } from '../spec-support/open-gateway.ts';
import { byKey, HOST, openPopulated } from '../spec-support/population.ts';
import { readPublicKey } from './jwt.ts';

const ME = '/api/accounts/me';
const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = issuer.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const now = Date.UTC(2026, 0, 1) / 1000;
const CHALLENGE = 'authz_server="https://sso.test/", realm="sip.test.org"';

const sign = (claims: JWTPayload, { alg = 'RS256', key = issuer.privateKey }: { alg?: string; key?: KeyObject | Uint8Array } = {}) =>
  new SignJWT(claims).setProtectedHeader({ alg }).sign(key);
const jane = { sip_identity: `sip:jane@${HOST}`, exp: now + 300 };

const open = (settings: Record<string, string> = {}) => openPopulated({ settings: { JWT_RSA_PUBLIC_KEY_PEM: pem, ...settings } });
const bearer = (token: string, more: Record<string, string> = {}) => ({
  headers: { host: HOST, authorization: `Bearer ${token}`, ...more },
});

describe('a bearer token', () => {
  test.each(['RS256', 'RS384', 'RS512'])('signed by %s opens the door, even beside a bad key', async (alg) => {
    await using gateway = await open();
    expect((await gateway.send(ME, bearer(await sign(jane, { alg })))).status).toBe(200);
    expect((await gateway.send(ME, bearer(await sign(jane, { alg }), { 'x-api-key': 'bad' }))).status).toBe(200);
    expect(gateway.calls.at(-1)?.caller).toMatchObject({ accountId: gateway.user.id, via: 'jwt' });
  });

  test('is read up to the first comma, by any case of its scheme', async () => {
    await using gateway = await open();
    expect((await gateway.send(ME, { headers: { host: HOST, authorization: `bEARER ${await sign(jane)}, x` } })).status).toBe(200);
  });

  const faulty: [string, () => Promise<string> | string][] = [
    ['Invalid bearer', () => 'abc'],
    ['Invalid bearer', () => 'a.b.c'],
    ['Unsupported RSA signature', () => sign(jane, { alg: 'HS256', key: Buffer.from(pem) })],
    ['Unsupported RSA signature', () => sign(jane, { alg: 'PS256' })],
    ['Unsupported RSA signature', () => `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`],
    ['Invalid JWT token signature', () => sign(jane, { key: stranger.privateKey })],
    ['Expired JWT token', () => sign({ ...jane, exp: now - 61 })],
    ['JWT token not valid yet', () => sign({ ...jane, nbf: now + 61 })],
    ['JWT token not valid yet', () => sign({ ...jane, iat: now + 61 })],
    ['Invalid SIP address', () => sign({ ...jane, sip_identity: 'jane' })],
    ['Invalid SIP address', () => sign({ ...jane, sip_identity: 7 })],
    ['Invalid bearer', () => sign({ ...jane, exp: 'soon' } as never)],
  ];
  test.each(faulty)('is refused with %s, even beside a good key (%#)', async (text, token) => {
    await using gateway = await open();
    const answer = await gateway.send(ME, bearer(await token(), { 'x-api-key': 'jane' }));
    expect([answer.status, answer.message]).toEqual([401, text]);
    expect(answer.headers['www-authenticate']).toBe(`Bearer error="invalid_token", error_description="${text}"`);
  });

  test('has a minute of leeway', async () => {
    await using gateway = await open();
    expect((await gateway.send(ME, bearer(await sign({ ...jane, exp: now - 59, nbf: now + 60 })))).status).toBe(200);
  });

  test('may lack its end, unless that is required', async () => {
    const endless = await sign({ sip_identity: `sip:jane@${HOST}` });
    await using lenient = await open();
    expect((await lenient.send(ME, bearer(endless))).status).toBe(200);
    await using strict = await open({ JWT_EXPIRATION_REQUIRED: 'true' });
    expect((await strict.send(ME, bearer(endless))).message).toBe('Expired JWT token');
  });

  test('must be of the configured issuer and audience', async () => {
    await using gateway = await open({ JWT_ISSUER: 'sso', JWT_AUDIENCE: 'us' });
    expect((await gateway.send(ME, bearer(await sign({ ...jane, iss: 'sso', aud: ['them', 'us'] })))).status).toBe(200);
    expect((await gateway.send(ME, bearer(await sign({ ...jane, iss: 'sso', aud: 'them' })))).message).toBe('Invalid bearer');
    expect((await gateway.send(ME, bearer(await sign({ ...jane, iss: 'oss', aud: 'us' })))).message).toBe('Invalid bearer');
  });

  test.each([{ sip_identity: `sip:nobody@${HOST}`, email: 'jane@mail.example.org' }, { email: 'nobody@mail.example.org' }, {}])(
    'that names nobody is a 403: %j',
    async (claims) => {
      await using gateway = await open();
      gateway.backend.emails.set('jane@mail.example.org', [gateway.user.id]);
      const answer = await gateway.send(ME, bearer(await sign(claims as JWTPayload)));
      expect([answer.status, answer.message]).toEqual([403, 'The JWT token is not related to someone in the system']);
    },
  );

  test('names by e-mail in any case; of several the host’s space decides', async () => {
    await using gateway = await open();
    const other = gateway.backend.addAccount(gateway.backend.addSpace('other.example.org'), 'jane');
    gateway.backend.emails.set('jane@mail.example.org', [gateway.user.id, other.id]);
    const token = await sign({ email: 'Jane@Mail.Example.org' });
    await gateway.send(ME, bearer(token, { host: 'other.example.org' }));
    expect(gateway.calls.at(-1)?.caller?.accountId).toBe(other.id);
    gateway.backend.addSpace('third.example.org');
    expect((await gateway.send(ME, bearer(token, { host: 'third.example.org' }))).status).toBe(403);
  });

  test('names by the configured claim', async () => {
    await using gateway = await open({ JWT_SIP_IDENTIFIER: 'sip' });
    expect((await gateway.send(ME, bearer(await sign({ sip: `sip:jane@${HOST}` })))).status).toBe(200);
  });

  test('is ignored while no issuer is configured', async () => {
    await using gateway = await open({ JWT_RSA_PUBLIC_KEY_PEM: '' });
    expect((await gateway.send(ME, bearer('abc', { 'x-api-key': 'jane' }))).status).toBe(200);
    const answer = await gateway.send(ME, bearer('abc'));
    expect([answer.status, answer.message]).toEqual([401, 'From header is required or invalid token']);
  });

  test('is verified by the keys that the issuer publishes', async () => {
    const published = { keys: [{ ...issuer.publicKey.export({ format: 'jwk' }), kid: 'k', use: 'sig' }] };
    const server = createServer((_request, response) =>
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify(published)),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
    await using gateway = await open({ JWT_RSA_PUBLIC_KEY_PEM: '', JWT_JWKS_URL: url });
    expect((await gateway.send(ME, bearer(await sign(jane)))).status).toBe(200);
    expect((await gateway.send(ME, bearer(await sign(jane, { key: stranger.privateKey })))).message).toBe('Invalid JWT token signature');
    server.close();
  });

  test('cannot be judged while the issuer’s keys cannot be read: 503', async () => {
    await using gateway = await open({ JWT_RSA_PUBLIC_KEY_PEM: '', JWT_JWKS_URL: 'http://127.0.0.1:1/jwks' });
    expect((await gateway.send(ME, bearer(await sign(jane)))).status).toBe(503);
  });
});

describe('a bearer challenge', () => {
  test('is all that a caller without credential gets: DIGEST is off', async () => {
    await using gateway = await open({ ACCOUNT_AUTHENTICATION_BEARER: CHALLENGE });
    const answer = await gateway.send(ME, { headers: { host: HOST, from: `sip:jane@${HOST}` } });
    expect([answer.status, answer.text, answer.headers['www-authenticate']]).toEqual([401, '', `Bearer ${CHALLENGE}`]);
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200);
    const wrong = await gateway.send(ME, bearer('abc'));
    expect(wrong.headers['www-authenticate']).toBe(`Bearer ${CHALLENGE}, error="invalid_token", error_description="Invalid bearer"`);
  });
});

describe('the key of the issuer', () => {
  test('may be text with \\n, or a file', async () => {
    expect(readPublicKey(pem.replaceAll('\n', '\\n')).asymmetricKeyType).toBe('rsa');
    const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
    await writeFile(join(folder, 'key.pem'), pem);
    expect(readPublicKey(join(folder, 'key.pem')).asymmetricKeyType).toBe('rsa');
    await rm(folder, { recursive: true });
  });

  test('that cannot be used refuses the start', async () => {
    const elliptic = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await expect(openGateway({ settings: { JWT_RSA_PUBLIC_KEY_PEM: elliptic } })).rejects.toThrow('JWT_RSA_PUBLIC_KEY_PEM');
    await expect(openGateway({ settings: { JWT_RSA_PUBLIC_KEY_PEM: '/no/such/file' } })).rejects.toThrow('no such file');
  });
});
