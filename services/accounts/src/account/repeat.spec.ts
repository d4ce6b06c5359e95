import type { Caller } from '@flexistream/contracts';
import type { Answer, Call } from '@flexistream/http';
import { type Ports, readSettings } from '@flexistream/service-host';
import { describe, expect, test } from '@jest/globals';
import { makeParts, type Parts } from '../parts.ts';
import { accountsSettings } from '../service.ts';
import { Killed, mortal, publicCall } from '../spec-support/mortal.ts';
import { body, type OpenAccounts, openAccounts } from '../spec-support/open-accounts.ts';
import { createByAdmin } from './create.ts';
import { createWithToken } from './create-with-token.ts';

const settings = readSettings(accountsSettings, { ACCOUNT_EMAIL_UNIQUE: 'true', ACCOUNT_PHONE_COUNTRIES: 'FR' });
const parts = (ports: Ports): Parts => makeParts(ports, settings);
const limited = async ({ host }: OpenAccounts, limit: number): Promise<void> => {
  await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit, atLeastPresent: true }, host.context());
};
/** How many accounts and places there are. */
const count = async ({ ask, admin, ports }: OpenAccounts) => {
  const { json } = await ask('listAccounts', { caller: admin });
  return [(json as { total: number }).total, (await parts(ports()).places.of('one')).holders.size];
};

/** Lets the first process be killed after so many steps, and the second one answer the same command. */
const killedThenRepeated = async ({ ports }: OpenAccounts, steps: number, command: (parts: Parts) => Promise<Answer>) => {
  const process = mortal(ports(), steps);
  const first = await command(parts(process)).catch((error: unknown) => error);
  return { first, dead: process.isDead(), second: await command(parts(ports())) };
};

describe('a creation that comes again by way of another instance', () => {
  test('after a death at any step makes one account, of an admin', async () => {
    await using accounts = await openAccounts();
    await limited(accounts, 100);
    for (let steps = 0, dead = true; dead; steps++) {
      const number = `+336121212${String(steps).padStart(2, '0')}`;
      const wanted = body(`account${steps}`, { email: `a${steps}@example.org`, phone: number });
      const call: Call<Caller> = { ...publicCall(wanted, accounts.host.context()), caller: accounts.admin };
      const outcome = await killedThenRepeated(accounts, steps, (of) => createByAdmin(of)(call));
      expect(outcome.second).toMatchObject({ status: 200, json: { username: `account${steps}`, phone: number } });
      if (outcome.dead) expect(outcome.first).toBeInstanceOf(Killed);
      else expect(outcome.second).toEqual(outcome.first);
      expect(await count(accounts)).toEqual([steps + 1, steps + 1]);
      dead = outcome.dead;
    }
  });

  test('after a death at any step but between token and name makes one account, with a token', async () => {
    await using accounts = await openAccounts();
    await limited(accounts, 100);
    let made = 0;
    const lost: number[] = [];
    for (let steps = 0, dead = true; dead; steps++) {
      accounts.neighbours.creationTokens.set(`token${steps}`, { state: 'usable' });
      const call = publicCall(body(`account${steps}`, { account_creation_token: `token${steps}` }), accounts.host.context());
      const outcome = await killedThenRepeated(accounts, steps, (of) => createWithToken(of)(call)).catch(() => undefined);
      if (outcome === undefined) lost.push(steps);
      else expect(outcome.second).toMatchObject({ status: 200, json: { username: `account${steps}` } });
      made += outcome === undefined ? 0 : 1;
      expect(await count(accounts)).toEqual([made, made]);
      dead = outcome?.dead ?? true;
    }
    expect(lost).toHaveLength(2); // after the reservation was made, and before the claim: tokens' sweep frees it
  });

  test('is answered with what it made although the space is full by it', async () => {
    await using accounts = await openAccounts();
    await limited(accounts, 1);
    const context = accounts.host.context();
    const asked = () => accounts.ask('createAccount', { caller: accounts.admin, context, body: body('alice1') });
    const first = await asked();
    expect(await asked()).toEqual(first);
    expect(await accounts.ask('createAccount', { caller: accounts.admin, body: body('alice1') })).toMatchObject({ status: 403 });
  });

  test('is refused where the name was somebody else’s', async () => {
    await using accounts = await openAccounts();
    const { ask, admin, host } = accounts;
    await ask('createAccount', { caller: admin, body: body('alice1') });
    const again = { caller: admin, context: host.context(), body: body('alice1') };
    expect([(await ask('createAccount', again)).status, (await ask('createAccount', again)).status]).toEqual([422, 422]);
    expect((await count(accounts))[0]).toBe(1);
  });
});
