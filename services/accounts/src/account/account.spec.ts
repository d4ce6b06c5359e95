import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import {
  activated,
  base,
  blocked,
  born,
  by,
  createAccount,
  created,
  deleted,
  fenced,
  later,
  now,
  passwordSet,
  tokenIssued,
  verifier,
} from '../spec-support/account-facts.ts';
import { accountDecider } from './account.ts';
import type { AccountCommand, SwitchAccount } from './commands.ts';
import { makeVerifier } from './verifiers.ts';

const account = specFor(accountDecider);
const turn = (type: SwitchAccount['type']): AccountCommand => ({ type, data: { by }, now });

describe('creating an account', () => {
  test('states it, its password and its first provisioning token', () =>
    account.given().when(createAccount()).then(created, passwordSet, tokenIssued));
  test('names the creation token that it redeems', () =>
    account
      .given()
      .when(createAccount({ creationToken: 'token-id' }))
      .then({ ...created, data: { ...created.data, creationToken: 'token-id' } }, passwordSet, tokenIssued));
  test('asked for twice changes nothing', () =>
    account
      .given(...born)
      .when(createAccount())
      .thenNothing());
  test('is refused for an id that was fenced', () => account.given(fenced).when(createAccount()).thenRefused('fenced'));
  test('is refused for an id that was deleted', () =>
    account
      .given(...born, deleted)
      .when(createAccount())
      .thenRefused('account_unknown'));
});

describe('fencing a creation', () => {
  const fence: AccountCommand = { type: 'FenceCreation', data: {}, now };
  test('ends an id that nobody has', () =>
    account
      .given()
      .when(fence)
      .then({ type: 'ClaimAbandoned', data: { claim: 'creation' } }));
  test('twice is once', () => account.given(fenced).when(fence).thenNothing());
  test('leaves an account alone', () =>
    account
      .given(...born)
      .when(fence)
      .thenNothing());
  test('leaves a deleted one deleted', () =>
    account
      .given(...born, deleted)
      .when(fence)
      .thenNothing());
});

describe('the switches', () => {
  test('activate what is not', () =>
    account
      .given(...born)
      .when(turn('ActivateAccount'))
      .then(activated));
  test('activate nothing twice', () =>
    account
      .given(...born, activated)
      .when(turn('ActivateAccount'))
      .thenNothing());
  test('deactivate', () =>
    account
      .given(...born, activated)
      .when(turn('DeactivateAccount'))
      .then({ type: 'AccountDeactivated', data: { ...base, personal: by } }));
  test('deactivate nothing twice', () =>
    account
      .given(...born)
      .when(turn('DeactivateAccount'))
      .thenNothing());
  test('block', () =>
    account
      .given(...born)
      .when(turn('BlockAccount'))
      .then(blocked));
  test('block nothing twice', () =>
    account
      .given(...born, blocked)
      .when(turn('BlockAccount'))
      .thenNothing());
  test('unblock', () =>
    account
      .given(...born, blocked)
      .when(turn('UnblockAccount'))
      .then({ type: 'AccountUnblocked', data: { ...base, personal: by } }));
  test('unblock nothing twice', () =>
    account
      .given(...born)
      .when(turn('UnblockAccount'))
      .thenNothing());
  test.each(['ActivateAccount', 'DeactivateAccount', 'BlockAccount', 'UnblockAccount'] as const)(
    '%s is refused for an account that is gone',
    (type) => {
      account
        .given(...born, deleted)
        .when(turn(type))
        .thenRefused('account_unknown');
      account.given().when(turn(type)).thenRefused('account_unknown');
    },
  );
});

describe('changing the password', () => {
  const next = makeVerifier('MD5', 'jane', 'one.example.org', 'another');
  const change = (oldPassword: string | null, to = next): AccountCommand => ({
    type: 'ChangePassword',
    data: { verifier: to, oldPassword, by },
    now,
  });
  const changed = {
    type: 'PasswordSet',
    data: { ...base, algorithm: 'MD5', cause: 'change', personal: { verifier: next, ...by } },
  } as const;
  const activatedByIt = { type: 'AccountActivated', data: { ...base, cause: 'password', personal: by } } as const;

  test('needs the old one', () =>
    account
      .given(...born)
      .when(change(null))
      .thenRefused('old_password_missing'));
  test('refuses a wrong old one, and activates nothing', () =>
    account
      .given(...born)
      .when(change('wrong'))
      .thenRefused('old_password_wrong'));
  test('sets it and activates the account', () =>
    account
      .given(...born)
      .when(change('s3cret!'))
      .then(changed, activatedByIt));
  test('of an active account sets it only', () =>
    account
      .given(...born, activated)
      .when(change('s3cret!'))
      .then(changed));
  test('needs no old one where none is stored', () => account.given(created, activated).when(change(null)).then(changed));
  test('to the same one changes nothing', () =>
    account
      .given(...born, activated)
      .when(change('s3cret!', verifier))
      .thenNothing());
  test('leaves one verifier and a version that is higher by one', () =>
    account
      .given(...born, activated)
      .when(change('s3cret!'))
      .thenState((state) => expect(state).toMatchObject({ verifiers: [next], credentialVersion: 2 })));
  test('knows the old password by the realm and name of its verifier, whatever they are by now', () => {
    const old = makeVerifier('MD5', 'formerly', 'old.realm', 's3cret!');
    const before = { ...passwordSet, data: { ...passwordSet.data, personal: { verifier: old, ...by } } };
    account.given(created, before, activated).when(change('s3cret!')).then(changed);
  });
});

describe('a provisioning token', () => {
  const issue: AccountCommand = {
    type: 'IssueProvisioningToken',
    data: { token: 'second', hash: 'hash2', expireAt: later, cause: 'user', by },
    now: later,
  };
  test('replaces the former one and moves no date', () =>
    account
      .given(...born)
      .when(issue)
      .thenState((state) =>
        expect(state).toMatchObject({
          profile: { provisioningToken: 'second', provisioningTokenExpireAt: later, updatedAt: now },
        }),
      ));
  test('is refused to nobody', () => account.given().when(issue).thenRefused('account_unknown'));
});

describe('redeeming a creation token', () => {
  const redeem = (creationToken: string): AccountCommand => ({ type: 'RedeemCreationToken', data: { creationToken, by }, now });
  const redeemed = { type: 'CreationTokenRedeemed', data: { ...base, creationToken: 'a', personal: by } } as const;
  test('is a fact of the account', () =>
    account
      .given(...born)
      .when(redeem('a'))
      .then(redeemed));
  test('twice is once', () =>
    account
      .given(...born, redeemed)
      .when(redeem('a'))
      .thenNothing());
  test('of another one is refused', () =>
    account
      .given(...born, redeemed)
      .when(redeem('b'))
      .thenRefused('token_redeemed'));
});
