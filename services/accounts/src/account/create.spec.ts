import { callerOf } from '@flexistream/service-host/for-tests';
import { describe, expect, test } from '@jest/globals';
import { space } from '../spec-support/neighbours.ts';
import { body, idIn, one, openAccounts, top, two } from '../spec-support/open-accounts.ts';

const refused = { status: 403, json: { message: 'This action is unauthorized.' } };

describe('POST /accounts', () => {
  test('makes an account that GET /accounts/me shows, to the byte', async () => {
    await using accounts = await openAccounts();
    const made = await accounts.ask('createAccount', {
      caller: accounts.admin,
      body: body('alice1', { dtmf_protocol: 'sipinfo', dictionary: { floor: '2' } }),
    });
    expect(made.status).toBe(200);
    const { provisioning_token } = made.json as { provisioning_token: string };
    expect(provisioning_token).toMatch(/^[A-Za-z0-9]{13}$/);
    expect(JSON.stringify(made.json)).toBe(
      `{"id":1,"username":"alice1","domain":"one.example.org","email":null,"activated":false,"ip_address":"203.0.113.5","user_agent":"a client","created_at":"2026-01-01T00:00:00.000000Z","display_name":null,"dtmf_protocol":"sipinfo","updated_at":"2026-01-01T00:00:00.000000Z","blocked":false,"admin":false,"phone":null,"realm":null,"provisioning_token":"${provisioning_token}","provisioning_token_expire_at":null,"dictionary":{"floor":"2"},"passwords":[{"algorithm":"SHA-256"}],"email_change_code":null,"types":[],"actions":[]}`,
    );
    expect(made.changed).toEqual(['account:1']);
    const me = await accounts.ask('readMe', { caller: callerOf(one, idIn(made)) });
    expect(JSON.stringify(me.json)).toBe(JSON.stringify(made.json));
  });

  test('takes every documented field', async () => {
    await using accounts = await openAccounts({ ACCOUNT_PHONE_COUNTRIES: 'FR' });
    const more = {
      admin: 1,
      activated: '1',
      display_name: 'Alice',
      email: 'Alice@example.org',
      phone: '+33 6 12 12 12 12',
      algorithm: 'MD5',
    };
    const made = await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1', more), userAgent: undefined });
    expect(made.json).toMatchObject({
      admin: true,
      activated: true,
      display_name: 'Alice',
      email: 'Alice@example.org',
      phone: '+33612121212',
      passwords: [{ algorithm: 'MD5' }],
      user_agent: 'Space one',
    });
  });

  test('tells the end of the provisioning token where one is set', async () => {
    await using accounts = await openAccounts({ APP_PROVISIONING_TOKEN_EXPIRATION_MINUTES: '10' });
    const made = await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1') });
    expect(made.json).toMatchObject({ provisioning_token_expire_at: '2026-01-01T00:10:00.000000Z' });
  });

  test('hands ids out in order, also after a restart', async () => {
    await using accounts = await openAccounts();
    const first = idIn(await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1') }));
    await accounts.host.restart();
    const second = idIn(await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice2') }));
    expect(second).toBeGreaterThan(first);
  });
});

describe('the space of a new account', () => {
  test('is the admin’s own, whatever the host and an existing `domain` say', async () => {
    await using accounts = await openAccounts();
    const made = await accounts.ask('createAccount', {
      caller: accounts.admin,
      hostSpace: two,
      body: body('alice1', { domain: two.domain }),
    });
    expect(made.json).toMatchObject({ domain: one.domain });
  });
  test('is no unknown one: 422 for an admin', async () => {
    await using accounts = await openAccounts();
    expect(
      await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1', { domain: 'nowhere.example' }) }),
    ).toMatchObject({
      status: 422,
      json: { message: 'The selected domain is invalid.', errors: { domain: ['The selected domain is invalid.'] } },
    });
  });
  test('is no unknown one: 403 for a super admin, before validation', async () => {
    await using accounts = await openAccounts();
    expect(await accounts.ask('createAccount', { caller: accounts.superAdmin, body: { domain: 'nowhere.example' } })).toMatchObject(
      refused,
    );
  });
  test('is chosen by a super admin, without case', async () => {
    await using accounts = await openAccounts();
    const made = await accounts.ask('createAccount', { caller: accounts.superAdmin, body: body('alice1', { domain: 'TWO.example.org' }) });
    expect(made.json).toMatchObject({ domain: 'two.example.org', realm: 'two.realm' });
  });
  test('is the host’s for a super admin who names none, else the own one', async () => {
    await using accounts = await openAccounts();
    const ask = (username: string, hostSpace: typeof two | undefined, domain: string | null) =>
      accounts.ask('createAccount', { caller: accounts.superAdmin, hostSpace, body: body(username, { domain }) });
    expect((await ask('alice1', two, null)).json).toMatchObject({ domain: two.domain });
    expect((await ask('alice2', undefined, null)).json).toMatchObject({ domain: top.domain });
  });
  test('is no full one: 403 before validation, for super admins too', async () => {
    await using accounts = await openAccounts();
    const { ask, host, admin, superAdmin } = accounts;
    expect(await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit: 1, atLeastPresent: true }, host.context())).toEqual({
      set: true,
    });
    const id = idIn(await ask('createAccount', { caller: admin, body: body('alice1') }));
    expect(await ask('createAccount', { caller: admin, body: {} })).toMatchObject(refused);
    expect(await ask('createAccount', { caller: superAdmin, body: body('alice2', { domain: one.domain }) })).toMatchObject(refused);
    expect(await ask('createAccount', { caller: admin, body: {}, language: 'fr' })).toMatchObject({
      json: { message: "Cette action n'est pas autorisée." },
    });
    await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
    expect((await ask('createAccount', { caller: admin, body: body('alice2') })).status).toBe(200);
  });
  test('is no expired one, but one that was prolonged a moment ago is asked about first', async () => {
    const expired = space('old', { expireAt: 0 });
    await using accounts = await openAccounts({}, [expired, top]);
    const caller = callerOf(expired, 1, { admin: true });
    expect(await accounts.ask('createAccount', { caller, body: {} })).toMatchObject({
      status: 403,
      json: { message: 'The related Space has expired' },
    });
    expect(
      await accounts.ask('createAccount', { caller: accounts.superAdmin, body: body('alice1', { domain: 'old.example.org' }) }),
    ).toMatchObject({ status: 403 });
    accounts.neighbours.spaces.set('old', space('old'));
    expect((await accounts.ask('createAccount', { caller, body: body('alice1') })).status).toBe(200);
  });
});
