import { readSettings } from '@flexistream/service-host';
import { callerOf } from '@flexistream/service-host/for-tests';
import { describe, expect, test } from '@jest/globals';
import { makeParts } from '../parts.ts';
import { accountsSettings } from '../service.ts';
import { around, publicCall } from '../spec-support/mortal.ts';
import { body, idIn, type OpenAccounts, one, openAccounts } from '../spec-support/open-accounts.ts';
import { switchAccount } from './act.ts';

const make = async ({ ask, admin }: OpenAccounts, username = 'alice1', more = {}) =>
  String(idIn(await ask('createAccount', { caller: admin, body: body(username, more) })));
const actions = ['activateAccount', 'deactivateAccount', 'blockAccount', 'unblockAccount', 'provisionAccount', 'deleteAccount'] as const;

describe('the switches', () => {
  test('answer the account as it is then, twice the same, and tell the gateway', async () => {
    await using accounts = await openAccounts();
    const { ask, admin } = accounts;
    const id = await make(accounts);
    for (const [route, shown] of [
      ['activateAccount', { activated: true }],
      ['blockAccount', { blocked: true, activated: true }],
      ['deactivateAccount', { activated: false, blocked: true }],
      ['unblockAccount', { blocked: false }],
    ] as const) {
      for (const time of [1, 2]) {
        expect({ time, ...(await ask(route, { caller: admin, params: { id } })) }).toMatchObject({
          time,
          status: 200,
          json: shown,
          changed: [`account:${id}`],
        });
      }
      expect((await ask('readAccount', { caller: admin, params: { id } })).json).toMatchObject(shown);
    }
  });
  test.each(actions)('%s is 404 out of reach, for nobody and for what is no number', async (route) => {
    await using accounts = await openAccounts();
    const id = await make(accounts);
    for (const call of [
      { caller: accounts.otherAdmin, params: { id } },
      { caller: accounts.admin, params: { id: '999' } },
      { caller: accounts.admin, params: { id: 'me2' } },
    ]) {
      expect(await accounts.ask(route, call)).toMatchObject({ status: 404, json: { message: 'Missing elements to perform the request' } });
    }
  });
  test('reach every space for super admins', async () => {
    await using accounts = await openAccounts();
    const id = await make(accounts);
    expect((await accounts.ask('blockAccount', { caller: accounts.superAdmin, params: { id } })).json).toMatchObject({ blocked: true });
  });
});

describe('a fresh provisioning token', () => {
  test('replaces the former one, for the account and for its admin', async () => {
    await using accounts = await openAccounts();
    const { ask, admin } = accounts;
    const id = await make(accounts);
    const token = ({ json }: { json: unknown }) => (json as { provisioning_token: string }).provisioning_token;
    const own = await ask('provisionMe', { caller: callerOf(one, Number(id)) });
    const theirs = await ask('provisionAccount', { caller: admin, params: { id } });
    expect(new Set([token(own), token(theirs)]).size).toBe(2);
    expect(token(await ask('readMe', { caller: callerOf(one, Number(id)) }))).toBe(token(theirs));
  });
  test('is for nobody who is gone', async () => {
    await using accounts = await openAccounts();
    expect((await accounts.ask('provisionMe', { caller: callerOf(one, 999) })).status).toBe(404);
  });
});

test('a command that meets the deletion by another process finds nobody', async () => {
  await using accounts = await openAccounts();
  const { ports, host, admin } = accounts;
  const id = await make(accounts);
  const journal = around(ports().journal, async (stream, real) => {
    await ports().vault.erase(stream);
    return real();
  });
  const call = { ...publicCall({}, host.context()), caller: admin, params: { id } };
  await expect(
    switchAccount(makeParts({ ...ports(), journal }, readSettings(accountsSettings, {})), 'BlockAccount')(call),
  ).rejects.toMatchObject({ status: 404 });
});
