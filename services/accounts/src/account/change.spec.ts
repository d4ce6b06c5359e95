import { callerOf } from '@flexistream/service-host/for-tests';
import { describe, expect, test } from '@jest/globals';
import { body, idIn, type OpenAccounts, one, openAccounts, two } from '../spec-support/open-accounts.ts';

const full = {
  display_name: 'Alice',
  email: 'a@example.org',
  phone: '+33612121212',
  dtmf_protocol: 'rfc2833',
  dictionary: { floor: '2' },
  admin: true,
  activated: true,
};
const environment = { ACCOUNT_PHONE_COUNTRIES: 'FR', ACCOUNT_EMAIL_UNIQUE: 'true' };
const make = async ({ ask, admin }: OpenAccounts, username = 'alice1', more: object = full) =>
  String(idIn(await ask('createAccount', { caller: admin, body: body(username, more as Record<string, unknown>) })));
const identity = async ({ host }: OpenAccounts, id: string) =>
  (await host.services.ask('accounts.resolve', { id: Number(id) }, host.context()))[0];

describe('PUT /accounts/{id}', () => {
  test('nulls what is absent, but never the dictionary, `activated` or `blocked`', async () => {
    await using accounts = await openAccounts(environment);
    const { ask, admin, host } = accounts;
    const id = await make(accounts);
    await ask('blockAccount', { caller: admin, params: { id } });
    host.clock.advance(60_000);
    const changed = await ask('updateAccount', {
      caller: admin,
      params: { id },
      body: body('alice1'),
      address: '198.51.100.9',
      userAgent: 'another',
    });
    expect(changed).toMatchObject({ status: 200, changed: [`account:${id}`] });
    expect(changed.json).toMatchObject({
      display_name: null,
      email: null,
      phone: null,
      dtmf_protocol: null,
      admin: false,
      activated: true,
      blocked: true,
      dictionary: { floor: '2' },
      ip_address: '203.0.113.5',
      user_agent: 'a client',
      created_at: '2026-01-01T00:00:00.000000Z',
      updated_at: '2026-01-01T00:01:00.000000Z',
      email_change_code: null,
      phone_change_code: null,
    });
    expect(JSON.stringify((await ask('readAccount', { caller: admin, params: { id } })).json)).toBe(JSON.stringify(changed.json));
  });

  test('keeps what is sent again: own e-mail, phone and short name are not taken', async () => {
    await using accounts = await openAccounts({ ...environment, ACCOUNT_USERNAME_MIN_LENGTH: '1' });
    const { ask, admin } = accounts;
    const id = await make(accounts, 'bob');
    await accounts.host.restart();
    expect(await ask('updateAccount', { caller: admin, params: { id }, body: body('bob', full) })).toMatchObject({
      status: 200,
      json: full,
    });
  });

  test('checks the length of a name only when it changes', async () => {
    await using accounts = await openAccounts();
    const { ask, host } = accounts;
    const made = await host.services.ask(
      'accounts.createFirstAdmin',
      { spaceId: 'one', domain: one.domain, realm: null, username: 'admin', password: 'p' },
      host.context(),
    );
    const call = { caller: accounts.admin, params: { id: String(made.id) } };
    expect((await ask('updateAccount', { ...call, body: body('admin', { admin: true }) })).status).toBe(200);
    expect(await ask('updateAccount', { ...call, body: body('adm') })).toMatchObject({
      status: 422,
      json: { errors: { username: ['The username must be at least 6 characters.'] } },
    });
  });

  test('replaces and empties the dictionary, and refuses null', async () => {
    await using accounts = await openAccounts(environment);
    const { ask, admin } = accounts;
    const call = { caller: admin, params: { id: await make(accounts) } };
    const put = (dictionary: unknown) => ask('updateAccount', { ...call, body: body('alice1', { dictionary }) });
    expect((await put({ a: '1', b: '2' })).json).toMatchObject({ dictionary: { a: '1', b: '2' } });
    expect((await put(null)).status).toBe(422);
    const emptied = await put([]);
    expect(JSON.stringify(emptied.json)).toContain('"dictionary":{}');
  });

  test('says what is wrong with the body before it says 404', async () => {
    await using accounts = await openAccounts();
    const { ask, admin } = accounts;
    expect((await ask('updateAccount', { caller: admin, params: { id: '999' }, body: {} })).json).toMatchObject({
      message: 'The username field is required. (and 2 more errors)',
      errors: {
        username: ['The username field is required.'],
        password: ['The password field is required.'],
        algorithm: ['The algorithm field is required.'],
      },
    });
    for (const id of ['999', 'x', '12abc', '9'.repeat(19)]) {
      expect(await ask('updateAccount', { caller: admin, params: { id }, body: body('alice1') })).toMatchObject({
        status: 404,
        json: { message: 'Missing elements to perform the request' },
      });
    }
  });

  test('does not reach another space', async () => {
    await using accounts = await openAccounts(environment);
    const id = await make(accounts);
    expect(await accounts.ask('updateAccount', { caller: accounts.otherAdmin, params: { id }, body: body('alice1') })).toMatchObject({
      status: 404,
    });
    expect(await accounts.ask('updateAccount', { caller: accounts.superAdmin, params: { id }, body: body('alice1') })).toMatchObject({
      status: 200,
      json: { domain: one.domain },
    });
  });

  test('refuses what others have', async () => {
    await using accounts = await openAccounts(environment);
    const { ask, admin } = accounts;
    await make(accounts, 'alice1');
    const id = await make(accounts, 'alice2', {});
    expect(
      (
        await ask('updateAccount', {
          caller: admin,
          params: { id },
          body: body('alice1', { email: 'A@example.org', phone: '+33612121212' }),
        })
      ).json,
    ).toMatchObject({
      errors: {
        username: ['The username has already been taken.'],
        email: ['The email has already been taken.'],
        phone: ['The phone has already been taken.'],
      },
    });
  });

  test('frees the former name, e-mail and phone, and leaves no tombstone', async () => {
    await using accounts = await openAccounts(environment);
    const { ask, admin } = accounts;
    const id = await make(accounts, 'alice1');
    expect((await ask('updateAccount', { caller: admin, params: { id }, body: body('alice9') })).status).toBe(200);
    expect((await ask('createAccount', { caller: admin, body: body('alice1', full) })).status).toBe(200);
    expect(await ask('searchAccount', { caller: admin, params: { sip: 'alice9@one.example.org' } })).toMatchObject({
      json: { id: Number(id) },
    });
  });
});

describe('a password that is set by PUT', () => {
  test('raises the version of the credentials only when the verifier differs', async () => {
    await using accounts = await openAccounts();
    const { ask, admin } = accounts;
    const id = await make(accounts, 'alice1', {});
    const put = (more: Record<string, unknown>) => ask('updateAccount', { caller: admin, params: { id }, body: body('alice1', more) });
    await put({});
    expect((await identity(accounts, id))?.credentialVersion).toBe(1);
    await put({ algorithm: 'MD5' });
    expect(await identity(accounts, id)).toMatchObject({
      credentialVersion: 2,
      verifiers: [{ algorithm: 'MD5', realm: 'one.example.org', username: 'alice1' }],
    });
    await put({ algorithm: 'MD5', password: 'another' });
    expect((await identity(accounts, id))?.credentialVersion).toBe(3);
  });
});

describe('moving an account', () => {
  test('is for super admins; others stay where they are', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, superAdmin, otherAdmin } = accounts;
    const id = await make(accounts, 'alice1', {});
    const moving = body('alice1', { domain: two.domain });
    expect((await ask('updateAccount', { caller: admin, params: { id }, body: moving })).json).toMatchObject({ domain: one.domain });
    expect((await ask('updateAccount', { caller: superAdmin, params: { id }, body: moving })).json).toMatchObject({
      domain: two.domain,
      realm: 'two.realm',
    });
    expect(await identity(accounts, id)).toMatchObject({ spaceId: 'two', verifiers: [{ realm: 'two.realm' }] });
    expect((await ask('readAccount', { caller: otherAdmin, params: { id } })).status).toBe(200);
    expect((await ask('readAccount', { caller: admin, params: { id } })).status).toBe(404);
    expect((await ask('createAccount', { caller: admin, body: body('alice1') })).status).toBe(200);
    expect((await ask('listAccounts', { caller: otherAdmin })).json).toMatchObject({ total: 1 });
  });

  test('to an unknown domain is 422, to a full space 403', async () => {
    await using accounts = await openAccounts();
    const { ask, host, superAdmin, otherAdmin } = accounts;
    const id = await make(accounts, 'alice1', {});
    const move = (domain: string) => ask('updateAccount', { caller: superAdmin, params: { id }, body: body('alice1', { domain }) });
    expect(await move('nowhere.example')).toMatchObject({ status: 422, json: { errors: { domain: ['The selected domain is invalid.'] } } });
    await ask('createAccount', { caller: otherAdmin, body: body('alice2') });
    await host.services.ask('accounts.setPlaces', { spaceId: 'two', limit: 1, atLeastPresent: true }, host.context());
    expect(await move(two.domain)).toMatchObject({ status: 403, json: { message: 'This action is unauthorized.' } });
  });

  test('takes a place there and gives the former one back', async () => {
    await using accounts = await openAccounts();
    const { ask, host, superAdmin, admin, otherAdmin } = accounts;
    for (const spaceId of ['one', 'two'])
      await host.services.ask('accounts.setPlaces', { spaceId, limit: 1, atLeastPresent: true }, host.context());
    const id = await make(accounts, 'alice1', {});
    expect((await ask('updateAccount', { caller: superAdmin, params: { id }, body: body('alice1', { domain: two.domain }) })).status).toBe(
      200,
    );
    expect((await ask('createAccount', { caller: otherAdmin, body: body('alice2') })).status).toBe(403);
    expect((await ask('createAccount', { caller: admin, body: body('alice3') })).status).toBe(200);
  });

  test('is seen by the account itself at once, before the gateway knows', async () => {
    await using accounts = await openAccounts();
    const id = await make(accounts, 'alice1', {});
    await accounts.ask('updateAccount', { caller: accounts.superAdmin, params: { id }, body: body('alice1', { domain: two.domain }) });
    expect((await accounts.ask('readMe', { caller: callerOf(one, Number(id)) })).json).toMatchObject({
      domain: two.domain,
      realm: 'two.realm',
    });
  });
});
