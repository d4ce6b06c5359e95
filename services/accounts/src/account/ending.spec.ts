import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import { born, by, deleted, now } from '../spec-support/account-facts.ts';
import { accountDecider } from './account.ts';
import type { AccountCommand } from './commands.ts';

const account = specFor(accountDecider);
const block: AccountCommand = { type: 'BlockAccount', data: { by }, now };

describe('deleting an account', () => {
  const remove = (username = 'jane', spaceId = 'one'): AccountCommand => ({
    type: 'DeleteAccount',
    data: { cause: 'admin', tombstone: { stream: 'accounttombstone-x', username, spaceId } },
    now,
  });
  test('gives up its claims and names its tombstone, nothing personal', () =>
    account
      .given(...born)
      .when(remove())
      .then(deleted));
  test('twice is once', () =>
    account
      .given(...born, deleted)
      .when(remove())
      .thenNothing());
  test('of nobody is refused', () => account.given().when(remove()).thenRefused('account_unknown'));
  test('under a name that it has no more is refused', () =>
    account
      .given(...born)
      .when(remove('joan'))
      .thenRefused('renamed_meanwhile'));
  test('from a space that it has left is refused', () =>
    account
      .given(...born)
      .when(remove('jane', 'two'))
      .thenRefused('renamed_meanwhile'));
  test('with its space leaves no tombstone', () =>
    account
      .given(...born)
      .when({ type: 'DeleteAccount', data: { cause: 'space deleted', tombstone: null }, now })
      .then({ ...deleted, data: { ...deleted.data, cause: 'space deleted', tombstone: null } }));
});

describe('an account whose key is destroyed', () => {
  const erased = born.map((event) => ({ ...event, data: { ...event.data, personal: 'erased' } })) as typeof born;
  test('reads as deleted', () =>
    expect([...erased, deleted].reduce(accountDecider.evolve, accountDecider.initial)).toEqual({
      status: 'deleted',
      id: 7,
      spaceId: 'one',
      tombstone: 'accounttombstone-x',
      freed: ['claim-jane'],
      at: now,
    }));
  test('is no account, even before the fact of its deletion is read', () =>
    account
      .given(...erased)
      .when(block)
      .thenRefused('account_unknown'));
});
