import type { AccountIdentity, Verifier } from '@flexistream/contracts';
import { describe, expect, test } from '@jest/globals';
import { verifierOf } from '../../spec-support/backend.ts';
import { challengesOf, digestAnswer } from '../../spec-support/digest-client.ts';
import type { GatewayUnderTest, Received } from '../../spec-support/open-gateway.ts';
import { HOST, openPopulated } from '../../spec-support/population.ts';

const ME = '/api/accounts/me';
const FROM = { host: HOST, from: `sip:jane@${HOST}` };
const MINUTE = 60_000;

const open = (settings: Record<string, string> = {}) => openPopulated({ settings });
type Opened = Awaited<ReturnType<typeof open>>;

const onlyVerifier = ({ verifiers }: AccountIdentity): Verifier => {
  const [verifier] = verifiers;
  if (verifier === undefined) throw new Error('an account without password');
  return verifier;
};

const challenge = async (gateway: GatewayUnderTest, headers: Record<string, string> = FROM) => {
  const [first] = challengesOf(await gateway.send(ME, { headers }));
  if (first === undefined) throw new Error('no challenge');
  return first;
};

/** Answers a challenge and sends the request. */
const login = (
  gateway: Opened,
  given: { nonce: string; opaque: string },
  more: Partial<Parameters<typeof digestAnswer>[2]> & { verifier?: Verifier; headers?: Record<string, string> } = {},
): Promise<Received> => {
  const { verifier = onlyVerifier(gateway.user), headers = FROM, uri = ME, method = 'GET', ...rest } = more;
  const authorization = digestAnswer(verifier, given, { uri, method, ...rest });
  return gateway.send(uri, { method, headers: { ...headers, authorization } });
};

describe('the challenge of DIGEST', () => {
  test('has one header line per stored password, in their order, exactly as clients know it', async () => {
    await using gateway = await open();
    const realms = [verifierOf('MD5', 'old.example.org', 'jane', 'secret'), verifierOf('SHA-256', HOST, 'jane', 'secret')];
    gateway.backend.change(gateway.user, { verifiers: realms });
    const answer = await gateway.send(ME, { headers: FROM });
    expect([answer.status, answer.message]).toEqual([401, 'Unauthenticated request']);
    const lines = answer.headers['www-authenticate'];
    expect(lines).toEqual([
      expect.stringMatching(/^Digest realm="old\.example\.org",qop="auth",algorithm=MD5,nonce="[A-Za-z0-9]{32}",opaque="[\w-]{22}"$/),
      expect.stringMatching(/^Digest realm="sip\.example\.org",qop="auth",algorithm=SHA-256,nonce="[A-Za-z0-9]{32}",opaque="[\w-]{22}"$/),
    ]);
    const [one, other] = challengesOf(answer);
    expect(one?.nonce).toBe(other?.nonce);
  });

  test('stores nothing, whoever asks for it', async () => {
    await using gateway = await open({ RATE_LIMIT_PER_MINUTE: '0' });
    await challenge(gateway);
    expect(gateway.ephemeral.keys).toEqual([]);
  });

  test('is not sent for an account without password', async () => {
    await using gateway = await open();
    gateway.backend.change(gateway.user, { verifiers: [] });
    const answer = await gateway.send(ME, { headers: FROM });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, undefined]);
  });

  test.each([
    `sip:JANE@${HOST.toUpperCase()}`,
    `sips:jane@${HOST}:5061;transport=tls`,
    `"Jane, the \\"admin\\"" <sip:jane@${HOST}>;tag=1`,
    `SIP:j%61ne@${HOST}`,
  ])('is sent to %s', async (from) => {
    await using gateway = await open();
    expect(await challenge(gateway, { host: HOST, from })).toMatchObject({ realm: HOST });
  });

  test.each([
    ['sip:nobody@sip.example.org', 404, 'Missing elements to perform the request'],
    ['sip:jane@nowhere.example.org', 404, 'Missing elements to perform the request'],
    ['sip:jane', 401, 'Invalid SIP address'],
    ['x', 401, 'Invalid SIP address'],
    ['', 401, 'From header is required or invalid token'],
  ])('%j is answered with %s', async (from, status, message) => {
    await using gateway = await open();
    const answer = await gateway.send(ME, { headers: { host: HOST, from } });
    expect([answer.status, answer.message, answer.headers['www-authenticate']]).toEqual([status, message, undefined]);
  });

  test('takes an account of any space on any host', async () => {
    await using gateway = await open();
    gateway.backend.addAccount(gateway.backend.addSpace('other.example.org'), 'bob');
    expect(await challenge(gateway, { host: HOST, from: 'sip:bob@other.example.org' })).toMatchObject({ realm: 'other.example.org' });
  });
});

describe('a DIGEST login', () => {
  test.each(['MD5', 'SHA-256'] as const)('by %s serves many requests with one nonce', async (algorithm) => {
    await using gateway = await open();
    const verifier = verifierOf(algorithm, 'any realm', 'jane', 'secret');
    gateway.backend.change(gateway.user, { verifiers: [verifier] });
    const given = await challenge(gateway);
    for (const count of [1, 2, 7]) {
      const answer = await login(gateway, given, { verifier, count });
      expect(answer.status).toBe(200);
      expect(challengesOf(answer)).toEqual([{ ...given, stale: undefined }]);
    }
    expect(gateway.calls.at(-1)?.caller).toMatchObject({ accountId: gateway.user.id, via: 'digest', admin: false });
  });

  test('finds its challenge on 403, 404 and 422 too', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    const answer = await login(gateway, given, { uri: '/api/accounts/7' });
    expect([answer.status, challengesOf(answer)[0]?.nonce]).toEqual([403, given.nonce]);
  });

  test('of a name that is not ASCII is hashed as UTF-8', async () => {
    await using gateway = await open();
    const verifier = verifierOf('SHA-256', HOST, 'josé', 'pässword');
    gateway.backend.addAccount(gateway.space, 'josé', { verifiers: [verifier] });
    const wire = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
    const headers = { host: HOST, from: wire(`sip:josé@${HOST}`) };
    const given = await challenge(gateway, headers);
    const answer = await login(gateway, given, { verifier, headers, changes: { username: wire('josé') } });
    expect(answer.status).toBe(200);
  });

  test('accepts counts that overtook one another, each once', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    const counts = [70, 6, 7, 69, 8, 68];
    const answers = await Promise.all(counts.map((count) => login(gateway, given, { count })));
    expect(answers.map(({ status }) => status)).toEqual(counts.map(() => 200));
  });

  test('that comes twice at once is let in once', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    const answers = await Promise.all(Array.from({ length: 8 }, () => login(gateway, given)));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  test('that is repeated burns its nonce', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    expect((await login(gateway, given)).status).toBe(200);
    const replay = await login(gateway, given);
    expect([replay.status, replay.message]).toEqual([401, 'Nonce replayed']);
    const fresh = challengesOf(replay)[0] ?? given;
    expect(fresh.nonce).not.toBe(given.nonce);
    const later = await login(gateway, given, { count: 2 });
    expect([later.status, later.message]).toEqual([401, 'Nonce invalid']);
    expect((await login(gateway, fresh)).status).toBe(200);
  });

  test('that is repeated is a replay before all that is wrong with it', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    await login(gateway, given);
    const replay = await login(gateway, given, { changes: { qop: 'auth-int', response: '0' } });
    expect([replay.status, replay.message]).toEqual([401, 'Nonce replayed']);
  });

  test('that fails leaves its nonce usable', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    const wrong = await login(gateway, given, { verifier: verifierOf('SHA-256', HOST, 'jane', 'wrong') });
    expect([wrong.status, wrong.message]).toEqual([401, 'Unauthorized']);
    expect(challengesOf(wrong)).toHaveLength(1);
    expect((await login(gateway, given)).status).toBe(200);
  });

  test.each([
    ['Wrong algorithm', { algorithm: 'MD5' }],
    ['Unauthorized', { algorithm: 'MD5-sess' }],
    ['Unauthorized', { nc: undefined }],
    ['Unauthorized', { nc: 'banana' }],
    ['Unauthorized', { realm: 'elsewhere' }],
    ['Unauthorized', { opaque: undefined }],
    ['Unauthorized', { uri: undefined }],
    ['Unauthorized', { username: 'admin' }],
    ['Nonce invalid', { nonce: 'k2' }],
  ])('is refused with %s when it says %j', async (message, changes) => {
    await using gateway = await open();
    const answer = await login(gateway, await challenge(gateway), { changes });
    expect([answer.status, answer.message, challengesOf(answer).length]).toEqual([401, message, 1]);
  });

  test.each(['Basic amFuZTpzZWNyZXQ=', 'Bearer abc', 'Digest', 'Digest ,', 'Digest nonce', '"', 'Digest nonce="'])(
    'of another kind, %j, is a 401 with a challenge',
    async (authorization) => {
      await using gateway = await open();
      const answer = await gateway.send(ME, { headers: { ...FROM, authorization } });
      expect([answer.status, challengesOf(answer).length]).toEqual([401, 1]);
    },
  );

  test('with the nonce of another account is refused', async () => {
    await using gateway = await open();
    const given = await challenge(gateway, { host: HOST, from: `sip:admin@${HOST}` });
    expect((await login(gateway, given)).message).toBe('Nonce invalid');
  });

  test('after an hour is told that only its nonce is stale, when it was right', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    gateway.clock.advance(61 * MINUTE);
    const answer = await login(gateway, given);
    expect([answer.message, challengesOf(answer)[0]?.stale]).toEqual(['Nonce invalid', 'true']);
    const wrong = await login(gateway, given, { verifier: verifierOf('SHA-256', HOST, 'jane', 'wrong') });
    expect([wrong.message, challengesOf(wrong)[0]?.stale]).toEqual(['Nonce invalid', undefined]);
  });

  test('that was captured is refused after a restart', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    const authorization = digestAnswer(onlyVerifier(gateway.user), given, { uri: ME });
    expect((await gateway.send(ME, { headers: { ...FROM, authorization } })).status).toBe(200);
    gateway.ephemeral.loseEverything();
    const captured = await gateway.send(ME, { headers: { ...FROM, authorization } });
    expect([captured.status, captured.message]).toEqual([401, 'Nonce invalid']);
  });

  test('goes by the new password at once, and by the old one no more', async () => {
    await using gateway = await open();
    const before = await challenge(gateway);
    expect((await login(gateway, before)).status).toBe(200);
    const changed = verifierOf('SHA-256', HOST, 'jane', 'changed');
    gateway.backend.change(gateway.user, { verifiers: [changed], credentialVersion: 2 });
    // Cached identities still say the old password: for what was given the owner is asked once more.
    const given = challengesOf(await login(gateway, before, { count: 2, verifier: changed }))[0] ?? before;
    expect((await login(gateway, given, { verifier: changed })).status).toBe(200);
    expect((await login(gateway, given, { count: 2 })).message).toBe('Unauthorized');
    expect((await login(gateway, before, { count: 3 })).message).toBe('Nonce invalid');
  });

  test('is compared with the path as received', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    const authorization = digestAnswer(onlyVerifier(gateway.user), given, { uri: '/api/accounts/me?x=1' });
    expect((await gateway.send('/api/accounts/me/', { headers: { ...FROM, authorization } })).message).toBe('Unauthorized');
    expect((await gateway.send('/api/accounts/me?x=1', { headers: { ...FROM, authorization } })).status).toBe(200);
  });

  test('is 503 while its counters cannot be reached; keys go on', async () => {
    await using gateway = await open();
    const given = await challenge(gateway);
    gateway.ephemeral.down = true;
    const answer = await login(gateway, given);
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect((await gateway.send(ME, { headers: { host: HOST, 'x-api-key': 'jane' } })).status).toBe(200);
  });
});
