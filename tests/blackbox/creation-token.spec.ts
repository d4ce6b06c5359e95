import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, ask } from '../client.ts';
import { changeSpace, createSpace, PASSWORD } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const domain = 'sip.public.org';
const NOT_VALID = 'Please provide a valid account_creation_token';
const EXPIRED = 'The provided token is expired';

describe('creating an account with a creation token', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer();
    await createSpace(server, domain);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const newToken = async (): Promise<string> =>
    (await ask(server, '/api/account_creation_tokens', { method: 'POST', key: server.adminKey })).json.token;
  const create = (fields: object, host = domain): Promise<Answer> =>
    ask(server, '/api/accounts/with-account-creation-token', {
      method: 'POST',
      host,
      body: { password: PASSWORD, algorithm: 'SHA-256', ...fields },
    });

  test('a token is made by a POST without body and type', async () => {
    const made = await ask(server, '/api/account_creation_tokens', {
      method: 'POST',
      key: server.adminKey,
      headers: { 'user-agent': 'linphone' },
    });
    expect(made.status).toBe(201);
    expect(Object.keys(made.json)).toEqual(['token', 'ip', 'user_agent', 'expire_at']);
    expect(made.json).toMatchObject({ token: expect.stringMatching(/^[A-Za-z0-9]{13}$/), ip: '127.0.0.1', user_agent: 'linphone' });
  });

  test('makes an account that is not activated in the space of the host, and is used up', async () => {
    const token = await newToken();
    const ignored = { email: 'not@stored.org', dictionary: { a: 'b' }, display_name: 'Not stored', asAdmin: true };
    const made = await create({ username: 'publicly', account_creation_token: token, ...ignored });
    expect(made.status).toBe(200);
    expect(made.json).toMatchObject({
      username: 'publicly',
      domain,
      activated: false,
      admin: false,
      email: null,
      display_name: null,
      dictionary: {},
    });
    const again = await create({ username: 'publicly2', account_creation_token: token });
    expect([again.status, again.json.errors]).toEqual([422, { account_creation_token: [NOT_VALID, EXPIRED] }]);
    expect((await create({ username: 'publicly2', account_creation_token: await newToken() })).status).toBe(200);
  });

  test('a body that is refused leaves the token usable', async () => {
    const token = await newToken();
    const refused = await create({ username: 'Publicly3', account_creation_token: token });
    expect([refused.status, Object.keys(refused.json.errors)]).toEqual([422, ['username']]);
    const taken = await create({ username: 'publicly', account_creation_token: token });
    expect([taken.status, Object.keys(taken.json.errors)]).toEqual([422, ['username']]);
    expect((await create({ username: 'publicly3', account_creation_token: token })).status).toBe(200);
  });

  test('privileges in the body are refused', async () => {
    const token = await newToken();
    for (const field of ['admin', 'activated']) {
      const refused = await create({ username: 'climber', account_creation_token: token, [field]: true });
      expect([refused.status, Object.keys(refused.json.errors)]).toEqual([422, [field]]);
    }
  });

  test.each([
    [undefined, ['The account creation token field is required.']],
    ['0123456789abc', [NOT_VALID, EXPIRED]],
    ['short', [NOT_VALID, EXPIRED]],
    [[], undefined],
    [{ $ne: '' }, undefined],
  ])('token %j is refused', async (token, texts) => {
    const refused = await create({ username: 'stranger', account_creation_token: token });
    expect(refused.status).toBe(422);
    if (texts === undefined) expect(Object.keys(refused.json.errors)).toEqual(['account_creation_token']);
    else expect(refused.json.errors).toEqual({ account_creation_token: texts });
  });

  test('in a full or expired space: 403, and the token stays', async () => {
    const token = await newToken();
    await createSpace(server, 'sip.closed.org', { max_accounts: 1 });
    expect((await create({ username: 'first.one', account_creation_token: await newToken() }, 'sip.closed.org')).status).toBe(200);
    const full = await create({ username: 'x', account_creation_token: token }, 'sip.closed.org');
    expect([full.status, full.json.message]).toEqual([403, 'This action is unauthorized.']);
    await changeSpace(server, 'sip.closed.org', { max_accounts: 0, expire_at: new Date().toISOString().slice(0, 10) });
    const expired = await create({ username: 'second.one', account_creation_token: token }, 'sip.closed.org');
    expect([expired.status, expired.json.message]).toEqual([403, 'The related Space has expired']);
    await changeSpace(server, 'sip.closed.org', { expire_at: null });
    expect((await create({ username: 'second.one', account_creation_token: token }, 'sip.closed.org')).status).toBe(200);
  });
});
