import { fold } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import { type AdminKeysCommand, adminKeysDecider } from './admin-keys.ts';
import type { AdminKeysEvent } from './events.ts';

const now = '2026-01-01T00:00:00.000Z';
const add = (key: string): AdminKeysCommand => ({ type: 'AddAdminKey', data: { accountId: 7, key }, now });
const close: AdminKeysCommand = { type: 'CloseAdminKeys', data: { accountId: 7 }, now };
const added = (key: string): AdminKeysEvent => ({ type: 'AdminKeyAdded', data: { accountId: 7, key, at: now } });
const ended = (key: string): AdminKeysEvent => ({ type: 'AdminKeyEnded', data: { accountId: 7, key, at: now } });
const closed: AdminKeysEvent = { type: 'AdminKeysClosed', data: { accountId: 7, at: now } };

describe('the admin keys of an account', () => {
  const adminKeys = specFor(adminKeysDecider);
  test('are several', () => {
    adminKeys.given(added('a')).when(add('b')).then(added('b'));
    expect(fold(adminKeysDecider, [added('a'), added('b')])).toEqual({ keys: ['a', 'b'], closed: false });
  });
  test('hold each key once', () => adminKeys.given(added('a')).when(add('a')).thenNothing());
  test('end with the account, one by one', () => adminKeys.given(added('a'), added('b')).when(close).then(ended('a'), ended('b'), closed));
  test('are none after their end', () =>
    expect(fold(adminKeysDecider, [added('a'), added('b'), ended('a'), ended('b'), closed])).toEqual({ keys: [], closed: true }));
  test('end once', () => adminKeys.given(added('a'), ended('a'), closed).when(close).thenNothing());
  test('are refused to an account that is gone', () => adminKeys.given(closed).when(add('a')).thenRefused('account_gone'));
});
