import { type AskService, readSettings } from '@flexistream/service-host';
import { describe, expect, test } from '@jest/globals';
import { sweepPending } from '../claims/sweep.ts';
import { makeParts } from '../parts.ts';
import { accountsSettings } from '../service.ts';
import { Killed, mortal, publicCall } from '../spec-support/mortal.ts';
import { body, idIn, type OpenAccounts, one, openAccounts, two } from '../spec-support/open-accounts.ts';
import { createWithToken } from './create-with-token.ts';

const settings = readSettings(accountsSettings, {});
const withToken = (username: string, token: string | null, more: Record<string, unknown> = {}) =>
  body(username, { account_creation_token: token, ...more });
const unusable = ['Please provide a valid account_creation_token', 'The provided token is expired'];

describe('POST /accounts/with-account-creation-token', () => {
  test('makes an account that is not activated, and uses the token', async () => {
    await using accounts = await openAccounts();
    const { ask, neighbours, ports } = accounts;
    neighbours.creationTokens.set('aToken', { state: 'usable' });
    const more = {
      email: 'a@example.org',
      display_name: ['not looked at'],
      dictionary: { a: '1' },
      dtmf_protocol: 'rfc2833',
      domain: two.domain,
    };
    const made = await ask('createAccountWithToken', { hostSpace: one, body: withToken('alice1', 'aToken', more) });
    expect(made).toMatchObject({
      status: 200,
      json: {
        username: 'alice1',
        domain: one.domain,
        activated: false,
        admin: false,
        email: null,
        display_name: null,
        dtmf_protocol: 'rfc2833',
        dictionary: {},
      },
    });
    expect((made.json as { provisioning_token: string }).provisioning_token).toHaveLength(13);
    expect(neighbours.creationTokens.get('aToken')).toEqual({ state: 'usable', reservedFor: idIn(made), used: true });
    const [first] = await ports().journal.read(`account-${idIn(made)}`);
    expect(first).toMatchObject({ type: 'AccountCreated', data: { origin: 'token', creationToken: 'id-of-aToken' } });
    expect((await ask('searchAccountByEmail', { caller: accounts.admin, params: { email: 'a@example.org' } })).status).toBe(404);
  });

  test('says everything that is wrong in one 422, and leaves the token usable', async () => {
    await using accounts = await openAccounts();
    const { ask, neighbours } = accounts;
    neighbours.creationTokens.set('old', { state: 'expired' });
    neighbours.creationTokens.set('good', { state: 'usable' });
    const tell = async (more: Record<string, unknown>, language: 'en' | 'fr' = 'en') =>
      (await ask('createAccountWithToken', { hostSpace: one, language, body: withToken('alice1', 'good', more) })).json;
    expect(await tell({ username: null, admin: true, algorithm: null, account_creation_token: 'nobodys' })).toEqual({
      message: 'The username field is required. (and 4 more errors)',
      errors: {
        username: ['The username field is required.'],
        algorithm: ['The algorithm field is required.'],
        admin: ['The selected admin is invalid.'],
        account_creation_token: unusable,
      },
    });
    expect(await tell({ account_creation_token: 'old' })).toMatchObject({
      errors: { account_creation_token: ['The provided token is expired'] },
    });
    expect(await tell({ account_creation_token: 'old' }, 'fr')).toMatchObject({
      errors: { account_creation_token: ['Le jeton fourni a expiré'] },
    });
    expect(await tell({ account_creation_token: null })).toMatchObject({
      errors: { account_creation_token: ['The account creation token field is required.'] },
    });
    expect(await tell({ domain: 'nowhere.example' })).toMatchObject({ errors: { domain: ['The selected domain is invalid.'] } });
    expect(neighbours.creationTokens.get('good')).toEqual({ state: 'usable' });
    expect((await ask('createAccountWithToken', { hostSpace: one, body: withToken('alice1', 'good') })).status).toBe(200);
    expect(await ask('createAccountWithToken', { hostSpace: one, body: withToken('alice2', 'good') })).toMatchObject({
      status: 422,
      json: { errors: { account_creation_token: unusable } },
    });
  });

  test('is 403 where the host has no space or a full one, whatever the token', async () => {
    await using accounts = await openAccounts();
    const { ask, host } = accounts;
    expect(await ask('createAccountWithToken', { body: {} })).toMatchObject({
      status: 403,
      json: { message: 'This action is unauthorized.' },
    });
    await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit: 1, atLeastPresent: true }, host.context());
    await ask('createAccount', { caller: accounts.admin, body: body('alice1') });
    expect(await ask('createAccountWithToken', { hostSpace: one, body: {} })).toMatchObject({ status: 403 });
    const expired = { ...one, expireAt: 0 };
    accounts.neighbours.spaces.set('one', expired);
    expect(await ask('createAccountWithToken', { hostSpace: expired, body: {} })).toMatchObject({
      status: 403,
      json: { message: 'The related Space has expired' },
    });
  });

  test('makes one account of 32 requests with one token', async () => {
    await using accounts = await openAccounts();
    const { ask, neighbours } = accounts;
    neighbours.creationTokens.set('aToken', { state: 'usable' });
    const tries = await Promise.all(
      Array.from({ length: 32 }, (_, n) => ask('createAccountWithToken', { hostSpace: one, body: withToken(`alice${n}x`, 'aToken') })),
    );
    expect(tries.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(tries.filter(({ status }) => status === 422)).toHaveLength(31);
  });

  test('gives the token back at once when somebody else took the name meanwhile', async () => {
    await using accounts = await openAccounts();
    const { ask, neighbours } = accounts;
    const tokens = Array.from({ length: 16 }, (_, n) => `token${n}`);
    for (const token of tokens) neighbours.creationTokens.set(token, { state: 'usable' });
    const tries = await Promise.all(
      tokens.map((token) => ask('createAccountWithToken', { hostSpace: one, body: withToken('alice1', token) })),
    );
    expect(tries.filter(({ status }) => status === 200)).toHaveLength(1);
    const states = tokens.map((token) => neighbours.creationTokens.get(token));
    expect(states.filter((state) => state?.used)).toHaveLength(1);
    expect(states.filter((state) => state?.reservedFor === undefined)).toHaveLength(15);
  });

  test('answers although the token cannot be marked used now: that follows from the account', async () => {
    await using accounts = await openAccounts();
    const { ask, neighbours } = accounts;
    neighbours.creationTokens.set('aToken', { state: 'usable' });
    neighbours.beforeTokens = (call) => {
      if (call === 'markUsed') throw new Error('tokens are gone');
    };
    const made = await ask('createAccountWithToken', { hostSpace: one, body: withToken('alice1', 'aToken') });
    expect(made.status).toBe(200);
    expect(neighbours.creationTokens.get('aToken')).toEqual({ state: 'usable', reservedFor: idIn(made) });
  });
});

test('a reservation that is given up while the creation is slow is made again, for a new id', async () => {
  await using accounts = await openAccounts();
  const { neighbours, host, ports } = accounts;
  neighbours.creationTokens.set('aToken', { state: 'usable' });
  const fencedIds: number[] = [];
  const ask: AskService = async (name, input, context) => {
    const answer = await ports().ask(name, input, context);
    if (name === 'tokens.reserve' && fencedIds.length < 2) {
      const { accountId } = input as { accountId: number };
      fencedIds.push(accountId);
      await host.services.ask('accounts.fence', { accountId }, host.context());
    }
    return answer;
  };
  const made = await createWithToken(makeParts({ ...ports(), ask }, settings))(publicCall(withToken('alice1', 'aToken'), host.context()));
  expect(made).toMatchObject({ status: 200, json: { id: 3, username: 'alice1' } });
  expect(fencedIds).toEqual([1, 2]);
  expect(neighbours.creationTokens.get('aToken')).toEqual({ state: 'usable', reservedFor: 3, used: true });
});

describe('a creation that is killed', () => {
  /** What the two services do once one of them is back: accounts sweep claims, tokens have reservations fenced. */
  const recover = async ({ host, ports, neighbours }: OpenAccounts): Promise<void> => {
    await host.services.caughtUp();
    await sweepPending(makeParts(ports(), settings), host.context(), -1);
    for (const token of neighbours.creationTokens.values()) {
      if (token.reservedFor === undefined || token.used) continue;
      const { state } = await host.services.ask('accounts.fence', { accountId: token.reservedFor }, host.context());
      if (state === 'created') token.used = true;
      else delete token.reservedFor;
    }
  };

  test('between any two steps leaves one account and a used token, or none and a usable one', async () => {
    await using accounts = await openAccounts();
    const { ask, neighbours, host, ports } = accounts;
    await host.services.ask('accounts.setPlaces', { spaceId: 'one', limit: 1_000, atLeastPresent: true }, host.context());
    const outcomes = new Set<string>();
    for (let steps = 0; ; steps++) {
      const username = `account${steps}`;
      const token = `token${steps}`;
      neighbours.creationTokens.set(token, { state: 'usable' });
      const process = mortal(ports(), steps);
      const asked = createWithToken(makeParts(process, settings))(publicCall(withToken(username, token), host.context()));
      const answer = await asked.catch((error: unknown) => error);
      await recover(accounts);
      const found = await ask('searchAccount', { caller: accounts.admin, params: { sip: `${username}@${one.domain}` } });
      const state = neighbours.creationTokens.get(token);
      const outcome =
        found.status === 200
          ? state?.used
            ? 'one and used'
            : 'one and not used'
          : state?.reservedFor === undefined
            ? 'none and usable'
            : 'none and lost';
      outcomes.add(outcome);
      if (outcome === 'none and usable') {
        expect(answer).toBeInstanceOf(Killed);
        expect((await ask('createAccountWithToken', { hostSpace: one, body: withToken(username, token) })).status).toBe(200);
      }
      if (!process.isDead()) break;
    }
    expect([...outcomes].sort()).toEqual(['none and usable', 'one and used']);
    const { json } = await ask('listAccounts', { caller: accounts.admin });
    expect(json).toMatchObject({ total: neighbours.creationTokens.size });
    const places = await makeParts(ports(), settings).places.of('one');
    expect(places.holders.size).toBe(neighbours.creationTokens.size);
  });
});
