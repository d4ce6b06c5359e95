import { callerOf } from '@flexistream/service-host/for-tests';
import { describe, expect, test } from '@jest/globals';
import { body, idIn, type OpenAccounts, one, openAccounts } from '../spec-support/open-accounts.ts';

const make = async ({ ask, admin }: OpenAccounts) => idIn(await ask('createAccount', { caller: admin, body: body('alice1') }));
const asking = async (accounts: OpenAccounts) => {
  const id = await make(accounts);
  const change = (more: Record<string, string | null>, caller = callerOf(one, id), language: 'en' | 'fr' = 'en') =>
    accounts.ask('changeMyPassword', {
      caller,
      language,
      body: { algorithm: 'MD5', password: 'another', old_password: 's3cret!', ...more },
    });
  const identity = async () => (await accounts.host.services.ask('accounts.resolve', { id }, accounts.host.context()))[0];
  return { id, change, identity };
};

describe('POST /accounts/me/password', () => {
  test('sets the password, activates the account and answers it', async () => {
    await using accounts = await openAccounts();
    const { id, change, identity } = await asking(accounts);
    const answer = await change({});
    expect(answer).toMatchObject({
      status: 200,
      json: { id, activated: true, passwords: [{ algorithm: 'MD5' }] },
      changed: [`account:${id}`],
    });
    expect(await identity()).toMatchObject({ credentialVersion: 2, verifiers: [{ algorithm: 'MD5' }] });
    expect((await change({ old_password: 'another', password: 'a third one' })).status).toBe(200);
  });

  test.each<[Record<string, string | null>, Record<string, string[]>, Record<string, string[]>]>([
    [{ algorithm: null }, { algorithm: ['The algorithm field is required.'] }, { algorithm: ['Le champ algorithm est obligatoire.'] }],
    [
      { password: null, old_password: null },
      { password: ['The password field is required.'] },
      { password: ['Le champ mot de passe est obligatoire.'] },
    ],
    [
      { password: '12345' },
      { password: ['The password must be at least 6 characters.'] },
      { password: ['Le texte du champ mot de passe doit contenir au moins 6 caractères.'] },
    ],
    [
      { old_password: null },
      { old_password: ['The old password field is required.'] },
      { old_password: ['Le champ old password est obligatoire.'] },
    ],
    [{ old_password: 'wrong' }, { old_password: ['Incorrect old password'] }, { old_password: ['Ancien mot de passe incorrect'] }],
    [{ old_password: ' s3cret!' }, { old_password: ['Incorrect old password'] }, { old_password: ['Ancien mot de passe incorrect'] }],
  ])('refuses %j and changes nothing', async (more, english, french) => {
    await using accounts = await openAccounts();
    const { id, change, identity } = await asking(accounts);
    expect(await change(more)).toMatchObject({ status: 422, json: { message: Object.values(english)[0]?.[0], errors: english } });
    expect(await change(more, callerOf(one, id), 'fr')).toMatchObject({ status: 422, json: { errors: french } });
    expect((await identity())?.credentialVersion).toBe(1);
    expect((await accounts.ask('readMe', { caller: callerOf(one, id) })).json).toMatchObject({ activated: false });
  });

  test('keeps the user key that made the call, before it answers', async () => {
    await using accounts = await openAccounts();
    const { id, change } = await asking(accounts);
    await change({}, callerOf(one, id, { keyId: 'admin-key', keyKind: 'admin' }));
    expect(accounts.neighbours.movedKeys).toEqual([]);
    await change({ old_password: 'another', password: 'a third one' }, callerOf(one, id, { keyId: 'user-key', keyKind: 'user' }));
    expect(accounts.neighbours.movedKeys).toEqual([{ keyId: 'user-key', credentialVersion: 3 }]);
  });

  test('stops guessing after ten wrong tries a minute, made at once too, and counts no good one', async () => {
    await using accounts = await openAccounts();
    const { change } = await asking(accounts);
    for (let n = 0; n < 12; n++) expect((await change({ password: 's3cret!' })).status).toBe(200);
    const tries = await Promise.all(Array.from({ length: 15 }, () => change({ old_password: 'wrong' })));
    expect(tries.filter(({ status }) => status === 422)).toHaveLength(10);
    expect(tries.filter(({ status }) => status === 429)).toHaveLength(5);
    accounts.host.clock.advance(60_001);
    expect((await change({})).status).toBe(200);
  });
});

test('an account that is gone has no password to change', async () => {
  await using accounts = await openAccounts();
  const caller = callerOf(one, 999);
  expect((await accounts.ask('changeMyPassword', { caller, body: { algorithm: 'MD5', password: 'another' } })).status).toBe(404);
});
