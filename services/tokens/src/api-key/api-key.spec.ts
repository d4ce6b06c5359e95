import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type AccountKeysCommand, accountKeysDecider, counts } from './account-keys.ts';
import { type ApiKeyCommand, apiKeyDecider } from './api-key.ts';
import type { AccountKeysEvent, ApiKeyEvent } from './events.ts';

const now = '2026-01-01T00:00:00.000Z';
const data = { accountId: 7, kind: 'user', expiresAfterMinutes: null, credentialVersion: 1 } as const;
const made: ApiKeyEvent = { type: 'ApiKeyMade', data: { ...data, at: now, personal: { address: '203.0.113.5' } } };
const moved: ApiKeyEvent = { type: 'ApiKeyMoved', data: { credentialVersion: 2, at: now } };
const revoked: ApiKeyEvent = { type: 'ApiKeyRevoked', data: { accountId: 7, at: now } };
const make: ApiKeyCommand = { type: 'MakeApiKey', data: { ...data, address: '203.0.113.5' }, now };
const move: ApiKeyCommand = { type: 'MoveApiKey', data: { credentialVersion: 2 }, now };
const revoke: ApiKeyCommand = { type: 'RevokeApiKey', data: {}, now };

describe('an API key', () => {
  const key = specFor(apiKeyDecider);
  test('is made once', () => key.given().when(make).then(made));
  test('is not made over another of the same text', () => key.given(made).when(make).thenRefused('key_exists'));
  test('goes with the credentials that it changed', () => key.given(made).when(move).then(moved));
  test('moved twice to the same changes nothing', () => key.given(made, moved).when(move).thenNothing());
  test('is revoked once', () => key.given(made).when(revoke).then(revoked));
  test('revoked twice changes nothing', () => key.given(made, revoked).when(revoke).thenNothing());
  test('that was revoked does not come back with new credentials', () => key.given(made, revoked).when(move).thenNothing());
  test('whose address was erased fits no address', () => {
    const erased: ApiKeyEvent = { type: 'ApiKeyMade', data: { ...data, at: now, personal: 'erased' } };
    expect(fold(apiKeyDecider, [erased])).toMatchObject({ address: '' });
  });
});

describe('the keys of an account', () => {
  test('hold one user key at most, and none once they ended, whatever is asked', () => {
    const command: fc.Arbitrary<AccountKeysCommand> = fc.oneof(
      fc.record({
        type: fc.constantFrom('SetUserKey' as const, 'AddAdminKey' as const),
        data: fc.record({ key: fc.constantFrom('a', 'b', 'c') }),
        now: fc.constant(now),
      }),
      fc.constant({ type: 'EndKeys' as const, data: {}, now }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        const events: AccountKeysEvent[] = [];
        let user: string | undefined;
        for (const one of commands) {
          const decision = accountKeysDecider.decide(one, fold(accountKeysDecider, events));
          if (isRefusal(decision)) continue;
          events.push(...decision);
          if (one.type === 'SetUserKey') user = (one.data as { key: string }).key;
        }
        const keys = fold(accountKeysDecider, events);
        const ended = commands.some(({ type }) => type === 'EndKeys');
        for (const key of ['a', 'b', 'c']) expect(counts(keys, key)).toBe(!ended && (key === user || keys.admin.includes(key)));
      }),
    );
  });
});
