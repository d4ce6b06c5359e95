import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { activated, base, blocked, born, by, claims, later, now, updateAccount, verifier } from '../spec-support/account-facts.ts';
import { accountDecider } from './account.ts';
import type { UpdateAccount } from './commands.ts';
import type { AccountEvent } from './events.ts';
import { heldBy } from './holdings.ts';
import { makeVerifier } from './verifiers.ts';

const account = specFor(accountDecider);
const at = { ...base, at: later };
const withEmail = { claims: { ...claims, email: 'claim-mail' }, freed: [] };
const emailSet: AccountEvent = { type: 'EmailSet', data: { ...at, ...withEmail, personal: { email: 'jane@example.org', ...by } } };

describe('replacing an account', () => {
  test('by what it is states nothing', () =>
    account
      .given(...born)
      .when(updateAccount())
      .thenNothing());
  test('is refused for one that is gone', () => account.given().when(updateAccount()).thenRefused('account_unknown'));

  test('renames it, with the claim it holds from then on and the one it gives up', () =>
    account
      .given(...born)
      .when(updateAccount({ username: 'joan', claims: { ...claims, name: 'claim-joan' } }))
      .then({
        type: 'AccountRenamed',
        data: { ...at, claims: { ...claims, name: 'claim-joan' }, freed: ['claim-jane'], personal: { username: 'joan', ...by } },
      }));
  test('moves it to another space', () =>
    account
      .given(...born)
      .when(updateAccount({ spaceId: 'two', domain: 'two.example.org', claims: { ...claims, name: 'claim-two' } }))
      .then({
        type: 'AccountMoved',
        data: {
          ...at,
          spaceId: 'two',
          domain: 'two.example.org',
          fromSpaceId: 'one',
          claims: { ...claims, name: 'claim-two' },
          freed: ['claim-jane'],
          personal: by,
        },
      }));
  test('sets an e-mail', () =>
    account
      .given(...born)
      .when(updateAccount({ email: 'jane@example.org', claims: withEmail.claims }))
      .then(emailSet));
  test('takes away the e-mail that is not sent again', () =>
    account
      .given(...born, emailSet)
      .when(updateAccount())
      .then({ type: 'EmailSet', data: { ...at, claims, freed: ['claim-mail'], personal: { email: null, ...by } } }));
  test('gives up no claim that the account still needs: its number may be its name too', () => {
    const both = { ...claims, name: 'claim-number', phone: 'claim-number' };
    const named: AccountEvent = {
      type: 'PhoneSet',
      data: { ...base, claims: both, freed: ['claim-jane'], personal: { phone: '+33612121212', ...by } },
    };
    account
      .given(...born, named)
      .when(updateAccount({ claims: { ...both, phone: null } }))
      .then({ type: 'PhoneSet', data: { ...at, claims: { ...both, phone: null }, freed: [], personal: { phone: null, ...by } } });
  });
  test('changes details', () =>
    account
      .given(...born)
      .when(updateAccount({ displayName: 'Jane', dtmfProtocol: 'rfc2833' }))
      .then({ type: 'DetailsChanged', data: { ...at, dtmfProtocol: 'rfc2833', personal: { displayName: 'Jane', ...by } } }));
  test('grants and withdraws admin rights', () => {
    const granted: AccountEvent = { type: 'AdminRightsGranted', data: { ...at, personal: by } };
    account
      .given(...born)
      .when(updateAccount({ admin: true }))
      .then(granted);
    account
      .given(...born, granted)
      .when(updateAccount())
      .then({ type: 'AdminRightsWithdrawn', data: { ...at, personal: by } });
  });
  test('keeps `activated` when it is absent, else sets it', () => {
    account
      .given(...born, activated)
      .when(updateAccount())
      .thenNothing();
    account
      .given(...born, activated)
      .when(updateAccount({ activated: false }))
      .then({ type: 'AccountDeactivated', data: { ...at, personal: by } });
    account
      .given(...born)
      .when(updateAccount({ activated: true }))
      .then({ type: 'AccountActivated', data: { ...at, cause: 'admin', personal: by } });
  });
  test('never unblocks', () =>
    account
      .given(...born, blocked)
      .when(updateAccount())
      .thenNothing());
  test('keeps the dictionary when it is absent, else replaces all of it', () => {
    const replaced: AccountEvent = { type: 'DictionaryReplaced', data: { ...at, personal: { dictionary: [['a', '1']], ...by } } };
    account
      .given(...born)
      .when(updateAccount({ dictionary: [['a', '1']] }))
      .then(replaced);
    account
      .given(...born, replaced)
      .when(updateAccount())
      .thenNothing();
    account
      .given(...born, replaced)
      .when(updateAccount({ dictionary: [['a', '1']] }))
      .thenNothing();
    account
      .given(...born, replaced)
      .when(updateAccount({ dictionary: [] }))
      .then({ type: 'DictionaryReplaced', data: { ...at, personal: { dictionary: [], ...by } } });
  });
  test('sets a password that differs, and moves no date by it', () => {
    const next = makeVerifier('SHA-256', 'jane', 'one.example.org', 'another');
    account
      .given(...born)
      .when(updateAccount({ verifier: next }))
      .then({ type: 'PasswordSet', data: { ...at, algorithm: 'SHA-256', cause: 'admin', personal: { verifier: next, ...by } } });
    account
      .given(...born)
      .when(updateAccount({ verifier: next }))
      .thenState((state) => expect(state).toMatchObject({ credentialVersion: 2, profile: { updatedAt: now } }));
  });
});

describe('whatever is replaced', () => {
  const name = fc.constantFrom('a', 'b');
  const wish = fc.record({
    username: name,
    spaceId: name,
    email: fc.option(name),
    phone: fc.option(name),
    admin: fc.boolean(),
    activated: fc.constantFrom(true, false, undefined),
    password: name,
  });
  const command = ({ password, ...wanted }: typeof wish extends fc.Arbitrary<infer T> ? T : never): UpdateAccount =>
    updateAccount({
      ...wanted,
      verifier: makeVerifier('MD5', 'jane', 'r', password),
      claims: {
        name: `n-${wanted.spaceId}-${wanted.username}`,
        email: wanted.email && `e-${wanted.email}`,
        phone: wanted.phone && `p-${wanted.spaceId}-${wanted.phone}`,
      },
    });
  const past = (wishes: readonly Parameters<typeof command>[0][]) => {
    const events = [...born];
    for (const wanted of wishes) {
      const decision = accountDecider.decide(command(wanted), fold(accountDecider, events));
      if (!isRefusal(decision)) events.push(...decision);
    }
    return events;
  };

  test('the account is what was asked for last, and asking again states nothing', () =>
    fc.assert(
      fc.property(fc.array(wish), wish, (before, last) => {
        const state = fold(accountDecider, past([...before, last]));
        const { password: _password, activated: active, ...shown } = last;
        expect(state).toMatchObject({ status: 'present', profile: active === undefined ? shown : { ...shown, activated: active } });
        expect(accountDecider.decide(command(last), state)).toEqual([]);
      }),
    ));
  test('what was claimed and not given up is exactly what the account holds', () =>
    fc.assert(
      fc.property(fc.array(wish), (wishes) => {
        const held = new Set<string>();
        const events = past(wishes);
        for (const { data } of events) {
          if ('claims' in data) for (const claim of heldBy(data.claims)) held.add(claim);
          if ('freed' in data) for (const claim of data.freed) held.delete(claim);
        }
        const state = fold(accountDecider, events);
        expect([...held].sort()).toEqual(state.status === 'present' ? heldBy(state.claims).sort() : []);
      }),
    ));
  test('the version of the credentials rises with every verifier that differs, by one', () =>
    fc.assert(
      fc.property(fc.array(wish), (wishes) => {
        const passwords = [verifier.ha1, ...wishes.map(({ password }) => password)];
        const changes = passwords.filter((password, index) => index === 0 || password !== passwords[index - 1]).length;
        expect(fold(accountDecider, past(wishes))).toMatchObject({ credentialVersion: changes });
      }),
    ));
});
