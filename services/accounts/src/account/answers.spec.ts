import { readSettings } from '@flexistream/service-host';
import { describe, expect, test } from '@jest/globals';
import { makeParts } from '../parts.ts';
import { setPlaces } from '../places/limit.ts';
import { accountsSettings } from '../service.ts';
import { around, mortal } from '../spec-support/mortal.ts';
import { body, idIn, type OpenAccounts, one, openAccounts, two } from '../spec-support/open-accounts.ts';
import { createFirstAdmin } from './first-admin.ts';
import { makeVerifier } from './verifiers.ts';

const settings = readSettings(accountsSettings, {});
const make = async ({ ask, admin }: OpenAccounts, username = 'alice1', more: Record<string, unknown> = {}) =>
  idIn(await ask('createAccount', { caller: admin, body: body(username, more) }));
const first = { spaceId: 'one', domain: one.domain, realm: 'a realm', username: 'admin', password: 's3cret' };

describe('accounts.resolve', () => {
  test('finds an account by id, by name without case, and all by e-mail, with what a login needs', async () => {
    await using accounts = await openAccounts();
    const { host, otherAdmin, ask } = accounts;
    const id = await make(accounts, 'alice1', { email: 'a@example.org', admin: true });
    const second = idIn(
      await ask('createAccount', { caller: otherAdmin, body: body('alice1', { email: 'A@example.org', algorithm: 'MD5' }) }),
    );
    const resolve = (input: Parameters<typeof host.services.ask<'accounts.resolve'>>[1]) =>
      host.services.ask('accounts.resolve', input, host.context());
    const identity = {
      id,
      spaceId: 'one',
      username: 'alice1',
      domain: one.domain,
      admin: true,
      blocked: false,
      credentialVersion: 1,
      verifiers: [makeVerifier('SHA-256', 'alice1', one.domain, 's3cret!')],
    };
    expect(await resolve({ id })).toEqual([identity]);
    expect(await resolve({ spaceId: 'one', username: 'ALICE1' })).toEqual([identity]);
    expect(await resolve({ email: 'a@EXAMPLE.org' })).toMatchObject([
      { id },
      { id: second, verifiers: [{ algorithm: 'MD5', realm: 'two.realm' }] },
    ]);
    for (const nobody of [{ id: 999 }, { spaceId: 'two', username: 'bobby1' }, { email: 'b@example.org' }])
      expect(await resolve(nobody)).toEqual([]);
  });

  test('sees every change at once', async () => {
    await using accounts = await openAccounts();
    const { host, ask, admin } = accounts;
    const id = await make(accounts);
    const resolve = async () => (await host.services.ask('accounts.resolve', { id }, host.context()))[0];
    await ask('blockAccount', { caller: admin, params: { id: String(id) } });
    expect((await resolve())?.blocked).toBe(true);
    await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
    expect(await resolve()).toBeUndefined();
  });

  test('does not take an account by its phone for one of that name', async () => {
    await using accounts = await openAccounts({ ACCOUNT_PHONE_COUNTRIES: 'FR' });
    const { host } = accounts;
    await make(accounts, 'alice1', { phone: '+33612121212' });
    expect(await host.services.ask('accounts.resolve', { spaceId: 'one', username: '+33612121212' }, host.context())).toEqual([]);
  });
});

describe('accounts.createFirstAdmin', () => {
  test('makes an activated admin once, by many who ask at once', async () => {
    await using accounts = await openAccounts();
    const { host, ask, admin } = accounts;
    const made = await Promise.all(Array.from({ length: 8 }, () => host.services.ask('accounts.createFirstAdmin', first, host.context())));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect(await host.services.ask('accounts.createFirstAdmin', { ...first, password: 'another' }, host.context())).toEqual({
      id: made[0]?.id,
      created: false,
    });
    const [identity] = await host.services.ask('accounts.resolve', { spaceId: 'one', username: 'admin' }, host.context());
    expect(identity?.verifiers).toEqual([makeVerifier('SHA-256', 'admin', 'a realm', 's3cret')]);
    expect((await ask('readAccount', { caller: admin, params: { id: String(identity?.id) } })).json).toMatchObject({
      activated: true,
      admin: true,
      ip_address: '0.0.0.0',
      user_agent: 'Space one',
    });
  });
  test('is not stopped by what a killed start left behind', async () => {
    await using accounts = await openAccounts();
    const { host, ports, ask, admin } = accounts;
    for (let steps = 0; ; steps++) {
      const wish = { ...first, username: `admin${steps}` };
      const process = mortal(ports(), steps);
      await createFirstAdmin(makeParts(process, settings), wish, host.context()).catch(() => undefined);
      const { id } = await host.services.ask('accounts.createFirstAdmin', wish, host.context());
      expect((await ask('readAccount', { caller: admin, params: { id: String(id) } })).json).toMatchObject({
        username: wish.username,
        admin: true,
      });
      if (!process.isDead()) break;
    }
  });
  test('hashes as the settings say', async () => {
    await using accounts = await openAccounts({ ACCOUNT_DEFAULT_PASSWORD_ALGORITHM: 'MD5' });
    const { host } = accounts;
    const { id } = await host.services.ask('accounts.createFirstAdmin', { ...first, realm: null }, host.context());
    expect((await host.services.ask('accounts.resolve', { id }, host.context()))[0]?.verifiers).toEqual([
      makeVerifier('MD5', 'admin', one.domain, 's3cret'),
    ]);
  });
});

test('accounts.hasAdmin knows whether a space has one', async () => {
  await using accounts = await openAccounts();
  const { host } = accounts;
  await make(accounts);
  const hasAdmin = async (...spaceIds: string[]) => (await host.services.ask('accounts.hasAdmin', { spaceIds }, host.context())).hasAdmin;
  expect(await hasAdmin('one', 'two')).toBe(false);
  await host.services.ask('accounts.createFirstAdmin', first, host.context());
  expect([await hasAdmin('one'), await hasAdmin('two'), await hasAdmin('two', 'one'), await hasAdmin()]).toEqual([
    true,
    false,
    true,
    false,
  ]);
});

describe('accounts.fence', () => {
  test('ends an id that no account has, and tells of one that an account has or had', async () => {
    await using accounts = await openAccounts();
    const { host, ask, admin, ports } = accounts;
    const fence = async (accountId: number) => (await host.services.ask('accounts.fence', { accountId }, host.context())).state;
    const id = await make(accounts);
    expect([await fence(id), await fence(77), await fence(77)]).toEqual(['created', 'fenced', 'fenced']);
    expect(await ports().journal.read('account-77')).toHaveLength(1);
    await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
    expect(await fence(id)).toBe('created');
  });
});

describe('accounts.setPlaces', () => {
  test('counts the accounts of that space only, all of them', async () => {
    await using accounts = await openAccounts();
    const { host, ask, admin, otherAdmin } = accounts;
    for (let n = 0; n < 3; n++) await make(accounts, `account${n}`);
    await ask('createAccount', { caller: otherAdmin, body: body('alice1') });
    const set = (limit: number, atLeastPresent = true, spaceId = 'one') =>
      host.services.ask('accounts.setPlaces', { spaceId, limit, atLeastPresent }, host.context());
    expect(await set(2)).toEqual({ set: false, present: 3 });
    expect(await set(3)).toEqual({ set: true });
    expect((await ask('createAccount', { caller: admin, body: body('another') })).status).toBe(403);
    expect(await set(1, true, two.id)).toEqual({ set: true });
    expect(await set(1, false)).toEqual({ set: true });
  });

  test('holds no place for an account that went while it was counted', async () => {
    await using accounts = await openAccounts();
    const { host, ask, admin, ports } = accounts;
    const id = await make(accounts);
    const journal = around(ports().journal, async (stream, real) => {
      if (stream === 'places-one') await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
      return real();
    });
    const parts = makeParts({ ...ports(), journal }, settings);
    expect(await setPlaces(parts, { spaceId: 'one', limit: 1, atLeastPresent: true }, host.context())).toEqual({ set: true });
    expect((await ask('createAccount', { caller: admin, body: body('alice2') })).status).toBe(200);
  });
});
