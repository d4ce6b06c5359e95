import { claimDecider, handle, ownersOf } from '@flexistream/kernel';
import { readSettings } from '@flexistream/service-host';
import { describe, expect, test } from '@jest/globals';
import { claimNames } from '../account/claim-names.ts';
import { createAccount } from '../account/creation.ts';
import { accountStream } from '../account/events.ts';
import { makeParts } from '../parts.ts';
import { accountsSettings } from '../service.ts';
import { draft } from '../spec-support/draft.ts';
import { around, Killed, mortal } from '../spec-support/mortal.ts';
import { body, idIn, type OpenAccounts, one, openAccounts, two } from '../spec-support/open-accounts.ts';
import { sweepPending } from './sweep.ts';

const settings = readSettings(accountsSettings, {});
const sweep = async ({ host, ports }: OpenAccounts): Promise<void> => {
  await host.services.caughtUp();
  await sweepPending(makeParts(ports(), settings), host.context(), -1);
};

/** A creation that holds its claims and its place, and has not stated its fact yet. */
const paused = async (accounts: OpenAccounts) => {
  const claimed = Promise.withResolvers<void>();
  const resume = Promise.withResolvers<void>();
  let held = false;
  const journal = around(accounts.ports().journal, async (stream, real) => {
    if (/^account-\d+$/.test(stream) && !held) {
      held = true;
      claimed.resolve();
      await resume.promise;
    }
    return real();
  });
  const outcome = createAccount(makeParts({ ...accounts.ports(), journal }, settings), draft, accounts.host.context());
  await claimed.promise;
  return { outcome, resume: () => resume.resolve() };
};

describe('a writer that pauses between claim and fact', () => {
  test('starts over with a new id when the sweep has fenced it', async () => {
    await using accounts = await openAccounts();
    const writer = await paused(accounts);
    await sweep(accounts);
    writer.resume();
    const made = await writer.outcome;
    expect(made).toMatchObject({ status: 'present', profile: { id: 2, username: 'alice1' } });
    expect((await accounts.ports().journal.read(accountStream(1))).map(({ type }) => type)).toEqual(['ClaimAbandoned', 'ClaimAbandoned']);
    expect(await ownersOf(accounts.ports().journal, claimNames(accounts.ports().vault).name('one', 'alice1'))).toEqual([accountStream(2)]);
  });

  test('starts over as well when tokens had it fenced, and does not meet its own claims', async () => {
    await using accounts = await openAccounts();
    const { host, ports } = accounts;
    await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit: 1, atLeastPresent: true }, host.context());
    const writer = await paused(accounts);
    expect(await host.services.ask('accounts.fence', { accountId: 1 }, host.context())).toEqual({ state: 'fenced' });
    writer.resume();
    expect(await writer.outcome).toMatchObject({ status: 'present', profile: { id: 2 } });
    const { holders } = await makeParts(ports(), settings).places.of('one');
    expect([holders.has('account-1'), holders.has('account-2')]).toEqual([false, true]);
  });

  test('is refused when a second writer took the name after the sweep', async () => {
    await using accounts = await openAccounts();
    const writer = await paused(accounts);
    await sweep(accounts);
    const second = await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1') });
    expect(second.status).toBe(200);
    writer.resume();
    expect(await writer.outcome).toEqual({ refused: 'name_taken' });
    expect((await accounts.ask('searchAccount', { caller: accounts.admin, params: { sip: 'alice1@one.example.org' } })).json).toMatchObject(
      { id: idIn(second) },
    );
    await sweep(accounts);
    expect(await ownersOf(accounts.ports().journal, claimNames(accounts.ports().vault).email('a@example.org'))).toEqual([]);
  });

  test('is left alone for a minute', async () => {
    await using accounts = await openAccounts();
    const writer = await paused(accounts);
    await accounts.host.services.caughtUp();
    await sweepPending(makeParts(accounts.ports(), settings), accounts.host.context());
    writer.resume();
    expect(await writer.outcome).toMatchObject({ profile: { id: 1 } });
  });
});

describe('what a crash leaves behind', () => {
  test('of a creation is free again: claims and place', async () => {
    await using accounts = await openAccounts();
    const { ask, host, ports, admin } = accounts;
    await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit: 1, atLeastPresent: true }, host.context());
    for (let steps = 1; steps < 40; steps++) {
      const process = mortal(ports(), steps);
      const outcome = await createAccount(makeParts(process, settings), draft, host.context()).catch((error: unknown) => error);
      await sweep(accounts);
      const found = await ask('searchAccount', { caller: admin, params: { sip: 'alice1@one.example.org' } });
      if (found.status === 404) expect(outcome).toBeInstanceOf(Killed);
      else await ask('deleteAccount', { caller: admin, params: { id: String(idIn(found)) } });
      host.clock.advance(8 * 86_400_000); // beyond the tombstone
      expect((await makeParts(ports(), settings).places.of('one')).holders.size).toBe(0);
      if (!process.isDead()) return;
    }
    throw new Error('it never lived long enough');
  });

  test('of which one cannot be read now, is swept for all the others', async () => {
    await using accounts = await openAccounts();
    const { host, ports } = accounts;
    for (let n = 0; n < 3; n++) {
      await createAccount(makeParts(mortal(ports(), 4), settings), { ...draft, username: `alice${n}`, email: null }, host.context()).catch(
        () => undefined,
      );
    }
    await host.services.caughtUp();
    const journal = {
      ...around(ports().journal, (_stream, real) => real()),
      read: (stream: string) => (stream === 'account-1' ? Promise.reject(new Error('unread')) : ports().journal.read(stream)),
    };
    await sweepPending(makeParts({ ...ports(), journal }, settings), host.context(), -1);
    const names = claimNames(ports().vault);
    const owners = await Promise.all([0, 1, 2].map(async (n) => (await ownersOf(ports().journal, names.name('one', `alice${n}`))).length));
    expect(owners).toEqual([1, 0, 0]);
  });

  test('of a deletion is given up', async () => {
    await using accounts = await openAccounts();
    const { ask, host, ports, admin } = accounts;
    const id = idIn(await ask('createAccount', { caller: admin, body: body('alice1', { email: 'a@example.org' }) }));
    await ask('deleteAccount', { caller: admin, params: { id: String(id) } });
    await host.services.caughtUp();
    const owner = accountStream(id);
    const claim = claimNames(ports().vault).email('a@example.org');
    const context = host.context();
    await handle(
      ports().journal,
      claimDecider,
      claim,
      { type: 'TakeClaim', data: { owner, exclusive: true }, now: context.at },
      { context },
    );
    const before = await ports().journal.read(owner);
    await sweep(accounts);
    expect(await ownersOf(ports().journal, claim)).toEqual([]);
    expect(await ports().journal.read(owner)).toEqual(before);
  });

  test('of a move is one account in one space, with one place and one name', async () => {
    await using accounts = await openAccounts();
    const { ask, host, ports, admin, superAdmin } = accounts;
    for (const spaceId of ['one', 'two'])
      await host.services.ask('accounts.setPlaces', { spaceId, limit: 5, atLeastPresent: true }, host.context());
    const { updateAccount } = await import('../account/change.ts');
    const id = idIn(await ask('createAccount', { caller: admin, body: body('alice1') }));
    const call = {
      query: {},
      hostSpace: undefined,
      origin: '',
      path: '',
      language: 'en',
      address: '203.0.113.5',
      userAgent: undefined,
    } as const;
    const move = (domain: string, steps: number) => {
      const process = mortal(ports(), steps);
      const asked = { ...call, caller: superAdmin, params: { id: String(id) }, body: body('alice1', { domain }), context: host.context() };
      return updateAccount(makeParts(process, settings))(asked).then(
        () => true,
        () => !process.isDead(),
      );
    };
    const targets = [two, one];
    for (let steps = 0; steps < 40; steps++) {
      const [target = two] = targets;
      const done = await move(target.domain, steps);
      await sweep(accounts);
      const parts = makeParts(ports(), settings);
      const where = await Promise.all(
        ['one', 'two'].map(async (spaceId) => (await parts.places.of(spaceId)).holders.has(accountStream(id))),
      );
      const names = await Promise.all(
        ['one', 'two'].map(async (spaceId) => (await ownersOf(ports().journal, parts.names.name(spaceId, 'alice1'))).length === 1),
      );
      const { spaceId } = (await host.services.ask('accounts.resolve', { id }, host.context()))[0] ?? {};
      expect([where, names]).toEqual([
        [spaceId === 'one', spaceId === 'two'],
        [spaceId === 'one', spaceId === 'two'],
      ]);
      if (spaceId === target.id) targets.reverse();
      if (done) return;
    }
    throw new Error('it never lived long enough');
  });
});
