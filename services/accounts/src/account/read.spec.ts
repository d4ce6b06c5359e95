import { callerOf } from '@flexistream/service-host/for-tests';
import { describe, expect, test } from '@jest/globals';
import { body, idIn, type OpenAccounts, one, openAccounts, two } from '../spec-support/open-accounts.ts';

const make = async ({ ask }: OpenAccounts, caller: OpenAccounts['admin'], username: string, more = {}) =>
  idIn(await ask('createAccount', { caller, body: body(username, more) }));
const unknown = { status: 404, json: { message: 'Missing elements to perform the request' } };

describe('GET /accounts', () => {
  test('shows twenty a page of the own space, by id', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, otherAdmin, superAdmin } = accounts;
    for (let n = 1; n <= 22; n++) await make(accounts, admin, `account${n}`);
    await make(accounts, otherAdmin, 'alice1');
    const page = async (number: string | undefined, caller = admin) => {
      const { json } = await ask('listAccounts', { caller, query: number === undefined ? {} : { page: number }, path: '/api/accounts' });
      return json as {
        data: { id: number; realm: string | null }[];
        total: number;
        current_page: number;
        last_page: number;
        from: number | null;
        to: number | null;
        next_page_url: string | null;
      };
    };
    const first = await page(undefined);
    expect(first.data.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(first).toMatchObject({
      current_page: 1,
      from: 1,
      to: 20,
      total: 22,
      last_page: 2,
      next_page_url: 'http://sip.example.org/api/accounts?page=2',
    });
    expect(first.data[0]).not.toHaveProperty('passwords');
    expect(first.data[0]).toHaveProperty('phone_change_code', null);
    expect((await page('2')).data).toHaveLength(2);
    expect(await page('3')).toMatchObject({ data: [], from: null, to: null, total: 22 });
    for (const odd of ['0', '-1', 'x']) expect(await page(odd)).toMatchObject({ current_page: 1 });
    const everything = await page('2', superAdmin);
    expect(everything.total).toBe(23);
    expect(everything.data.map(({ realm }) => realm)).toEqual([null, null, 'two.realm']);
  });

  test('of nobody is one empty page', async () => {
    await using accounts = await openAccounts();
    expect((await accounts.ask('listAccounts', { caller: accounts.admin, language: 'fr' })).json).toMatchObject({
      data: [],
      total: 0,
      last_page: 1,
      from: null,
    });
  });
});

describe('one account', () => {
  test('is read by admins of its space and by super admins', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, otherAdmin, superAdmin } = accounts;
    const id = String(await make(accounts, otherAdmin, 'alice1'));
    expect((await ask('readAccount', { caller: otherAdmin, params: { id } })).json).toMatchObject({
      id: Number(id),
      phone_change_code: null,
      passwords: [{}],
    });
    expect((await ask('readAccount', { caller: superAdmin, params: { id } })).json).toMatchObject({ realm: 'two.realm' });
    expect(await ask('readAccount', { caller: admin, params: { id } })).toMatchObject(unknown);
    expect(await ask('readAccount', { caller: admin, params: { id }, language: 'fr' })).toMatchObject({
      json: { message: 'Des éléments manquent pour traiter la requête' },
    });
    for (const odd of ['x', '12abc', '-1', '1.5', ''])
      expect(await ask('readAccount', { caller: superAdmin, params: { id: odd } })).toMatchObject(unknown);
  });

  test('reads itself on whatever host', async () => {
    await using accounts = await openAccounts();
    const id = await make(accounts, accounts.admin, 'alice1');
    expect((await accounts.ask('readMe', { caller: callerOf(one, id), hostSpace: two })).json).toMatchObject({ id, domain: one.domain });
    expect(await accounts.ask('readMe', { caller: callerOf(one, 999) })).toMatchObject(unknown);
  });
});

describe('looking an account up', () => {
  test('by SIP address, with or without scheme, without case', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, otherAdmin, superAdmin } = accounts;
    const id = await make(accounts, admin, 'alice1');
    for (const sip of ['alice1@one.example.org', 'sip:alice1@one.example.org', 'sips:ALICE1@ONE.example.org']) {
      expect((await ask('searchAccount', { caller: admin, params: { sip } })).json).toMatchObject({
        id,
        passwords: [{ algorithm: 'SHA-256' }],
      });
    }
    expect((await ask('searchAccount', { caller: superAdmin, params: { sip: 'alice1@one.example.org' } })).json).toMatchObject({ id });
    const nobody = { status: 404, json: { message: 'SIP address not found' } };
    for (const sip of [
      'alice1',
      'alice1@a@one.example.org',
      'bob@one.example.org',
      'alice1@two.example.org',
      'alice1@nowhere.example',
      '',
    ]) {
      expect(await ask('searchAccount', { caller: admin, params: { sip } })).toMatchObject(nobody);
    }
    expect(await ask('searchAccount', { caller: otherAdmin, params: { sip: 'alice1@one.example.org' }, language: 'fr' })).toMatchObject({
      json: { message: 'Adresse SIP introuvable' },
    });
  });

  test('by e-mail: the lowest id in reach', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, otherAdmin, superAdmin } = accounts;
    const email = 'a@example.org';
    const first = await make(accounts, otherAdmin, 'alice1', { email });
    const second = await make(accounts, admin, 'alice2', { email });
    await make(accounts, admin, 'alice3', { email });
    const search = async (caller: OpenAccounts['admin'], address = email) =>
      ask('searchAccountByEmail', { caller, params: { email: address } });
    expect(idIn(await search(admin, 'A@EXAMPLE.org'))).toBe(second);
    expect(idIn(await search(superAdmin))).toBe(first);
    expect(await search(admin, 'b@example.org')).toMatchObject({ status: 404, json: { message: 'Email address not found' } });
    await ask('deleteAccount', { caller: admin, params: { id: String(second) } });
    expect(idIn(await search(admin))).toBe(second + 1);
  });

  test('publicly tells two things of accounts of the host’s space', async () => {
    await using accounts = await openAccounts();
    const { ask, otherAdmin } = accounts;
    await make(accounts, otherAdmin, 'alice1', { activated: true });
    const info = (sip: string, hostSpace: typeof two | undefined) => ask('accountInfo', { params: { sip }, hostSpace });
    expect(JSON.stringify((await info('alice1@two.example.org', two)).json)).toBe('{"activated":true,"realm":"two.realm"}');
    expect(await info('alice1@two.example.org', one)).toMatchObject(unknown);
    expect(await info('alice1@two.example.org', undefined)).toMatchObject(unknown);
    for (const sip of ['alice1', 'bob@two.example.org']) expect(await info(sip, two)).toMatchObject(unknown);
  });
});

test('accounts of a space that is deleted are found by nobody', async () => {
  await using accounts = await openAccounts();
  const { ask, otherAdmin, superAdmin, neighbours, host } = accounts;
  const id = await make(accounts, otherAdmin, 'alice1', { email: 'a@example.org' });
  neighbours.spaces.delete('two');
  host.clock.advance(1_000);
  expect((await ask('readAccount', { caller: superAdmin, params: { id: String(id) } })).status).toBe(404);
  expect((await ask('searchAccount', { caller: superAdmin, params: { sip: 'alice1@two.example.org' } })).status).toBe(404);
  expect((await ask('searchAccountByEmail', { caller: superAdmin, params: { email: 'a@example.org' } })).status).toBe(404);
  expect((await ask('listAccounts', { caller: superAdmin })).json).toMatchObject({ data: [] });
  expect(await host.services.ask('accounts.resolve', { id }, host.context())).toEqual([]);
});
