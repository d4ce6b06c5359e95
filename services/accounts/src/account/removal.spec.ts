import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readSettings } from '@flexistream/service-host';
import { callerOf } from '@flexistream/service-host/for-tests';
import { describe, expect, test } from '@jest/globals';
import { makeParts } from '../parts.ts';
import { accountsReactions } from '../reactions.ts';
import { accountsSettings } from '../service.ts';
import { mortal } from '../spec-support/mortal.ts';
import { body, idIn, type OpenAccounts, one, openAccounts } from '../spec-support/open-accounts.ts';
import { removeAccount } from './removal.ts';

const settings = readSettings(accountsSettings, {});
const taken = { status: 422, json: { errors: { username: ['The username has already been taken.'] } } };
const make = async ({ ask, admin }: OpenAccounts, username = 'alice1', more: Record<string, unknown> = {}) =>
  idIn(await ask('createAccount', { caller: admin, body: body(username, more) }));

describe('deleting', () => {
  test('oneself answers `1`, another an empty body', async () => {
    await using accounts = await openAccounts();
    const [first, second] = [await make(accounts), await make(accounts, 'alice2')];
    expect(await accounts.ask('deleteMe', { caller: callerOf(one, first) })).toMatchObject({
      status: 200,
      text: '1',
      changed: [`account:${first}`],
    });
    const other = await accounts.ask('deleteAccount', { caller: accounts.admin, params: { id: String(second) } });
    expect(other).toMatchObject({ status: 200, json: undefined, changed: [`account:${second}`] });
    expect(other.text).toBeUndefined();
  });

  test('twice is 404, and at once by many it happens once', async () => {
    await using accounts = await openAccounts();
    const id = await make(accounts);
    const tries = await Promise.all(
      Array.from({ length: 8 }, () => accounts.ask('deleteAccount', { caller: accounts.admin, params: { id: String(id) } })),
    );
    expect(tries.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404, 404, 404, 404, 404]);
    expect((await accounts.ask('deleteMe', { caller: callerOf(one, id) })).status).toBe(404);
  });

  test('keeps the name from others for seven days, in that domain, and frees everything else at once', async () => {
    await using accounts = await openAccounts({ ACCOUNT_EMAIL_UNIQUE: 'true', ACCOUNT_PHONE_COUNTRIES: 'FR' });
    const { ask, admin, otherAdmin, host } = accounts;
    const more = { email: 'a@example.org', phone: '+33612121212' };
    const id = await make(accounts, 'alice1', more);
    await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
    expect(await ask('createAccount', { caller: admin, body: body('alice1') })).toMatchObject(taken);
    expect((await ask('createAccount', { caller: otherAdmin, body: body('alice1') })).status).toBe(200);
    const second = await make(accounts, 'alice2', more);
    expect(await ask('updateAccount', { caller: admin, params: { id: String(second) }, body: body('alice1', more) })).toMatchObject(taken);
    host.clock.advance(7 * 86_400_000);
    expect((await ask('createAccount', { caller: admin, body: body('alice1') })).status).toBe(200);
  });

  test('leaves nothing personal in any file, and the events read as erased', async () => {
    await using accounts = await openAccounts({ ACCOUNT_PHONE_COUNTRIES: 'FR' });
    const id = await make(accounts, 'zwackelmann7', {
      email: 'petrosilius@example.org',
      phone: '+33698765432',
      display_name: 'Hotzenplotz',
      dictionary: { seppel: 'kasperl' },
    });
    await accounts.ask('deleteAccount', { caller: accounts.admin, params: { id: String(id) } });
    await accounts.host.services.caughtUp();
    const events = await accounts.ports().journal.read(`account-${id}`);
    expect(events.map(({ data }) => (data as { personal?: unknown }).personal)).toEqual(['erased', 'erased', 'erased', undefined]);
    await accounts.host.restart();
    for (const file of await readdir(accounts.host.folder)) {
      const bytes = await readFile(join(accounts.host.folder, file));
      for (const word of ['zwackelmann7', 'petrosilius', '33698765432', 'Hotzenplotz', 'kasperl'])
        expect([file, bytes.includes(word)]).toEqual([file, false]);
    }
  });
});

describe('a deletion that is killed', () => {
  test('at any step is completed when its own event comes round', async () => {
    await using accounts = await openAccounts();
    const { ask, host, ports, admin } = accounts;
    await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit: 1, atLeastPresent: true }, host.context());
    for (let steps = 0; ; steps++) {
      const username = `account${steps}`;
      const id = await make(accounts, username, { email: 'a@example.org' });
      const process = mortal(ports(), steps);
      await removeAccount(makeParts(process, settings), id, 'admin', host.context()).catch(() => undefined);
      const lives = (await ask('readAccount', { caller: admin, params: { id: String(id) } })).status === 200;
      if (lives) await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
      await host.services.caughtUp();
      const parts = makeParts(ports(), settings);
      expect((await parts.places.of('one')).holders.size).toBe(0);
      expect(await ask('createAccount', { caller: admin, body: body(username) })).toMatchObject(taken);
      const [first] = await ports().journal.read(`account-${id}`);
      expect(first?.data).toMatchObject({ personal: 'erased' });
      if (!process.isDead()) break;
    }
  });

  test('is completed harmlessly twice', async () => {
    await using accounts = await openAccounts();
    const { host, ports, ask, admin } = accounts;
    const id = await make(accounts);
    await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
    const next = await make(accounts, 'alice2');
    await host.services.caughtUp();
    const head = await ports().journal.head();
    const event = {
      specversion: '1.0',
      id: host.context().id,
      source: 'accounts',
      subject: String(id),
      time: host.context().at,
      sequence: 3,
      correlation: 'c',
      type: 'account.deleted.v1',
      data: { accountId: id, spaceId: 'one' },
    } as const;
    for (const reaction of accountsReactions(makeParts(ports(), settings))) await reaction.handle(event, host.context());
    expect(await ports().journal.head()).toBe(head);
    expect((await ask('readAccount', { caller: admin, params: { id: String(next) } })).status).toBe(200);
  });
});

describe('the deletion of a space', () => {
  test('takes all of its accounts, without tombstones, and leaves others alone', async () => {
    await using accounts = await openAccounts();
    const { ask, host, ports, otherAdmin, superAdmin } = accounts;
    const theirs = [];
    for (let n = 0; n < 45; n++) theirs.push(idIn(await ask('createAccount', { caller: otherAdmin, body: body(`account${n}`) })));
    const mine = await make(accounts);
    await accounts.deleteSpace('two');
    await host.services.caughtUp();
    expect((await ask('listAccounts', { caller: superAdmin })).json).toMatchObject({ total: 1, data: [{ id: mine }] });
    for (const id of theirs)
      expect((await ports().journal.read(`account-${id}`)).at(-1)).toMatchObject({
        type: 'AccountDeleted',
        data: { cause: 'space deleted', tombstone: null },
      });
    expect(await ask('createAccount', { caller: otherAdmin, body: body('another1') })).toMatchObject({ status: 403 });
  });
});
