import { fold } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import { type ApiKeyCommand, apiKeyDecider } from './api-key.ts';
import type { ApiKeyEvent } from './events.ts';

const now = '2026-01-01T00:00:00.000Z';
const data = { accountId: 7, kind: 'user', expiresAfterMinutes: null, credentialVersion: 1 } as const;
const admin = { accountId: 7, kind: 'admin', expiresAfterMinutes: 0, credentialVersion: null } as const;
const made: ApiKeyEvent = { type: 'ApiKeyMade', data: { ...data, at: now, personal: { address: '203.0.113.5' } } };
const madeForAdmin: ApiKeyEvent = { type: 'ApiKeyMade', data: { ...admin, at: now, personal: { address: null } } };
const erased: ApiKeyEvent = { type: 'ApiKeyMade', data: { ...data, at: now, personal: 'erased' } };
const movedTo = (credentialVersion: number): ApiKeyEvent => ({ type: 'ApiKeyMoved', data: { credentialVersion, at: now } });
const make: ApiKeyCommand = { type: 'MakeApiKey', data: { ...data, address: '203.0.113.5' }, now };
const moveTo = (credentialVersion: number): ApiKeyCommand => ({ type: 'MoveApiKey', data: { credentialVersion }, now });

describe('an API key', () => {
  const key = specFor(apiKeyDecider);
  test('is made once', () => key.given().when(make).then(made));
  test('is not made over another of the same text', () => key.given(made).when(make).thenRefused('key_exists'));
  test('is not made over one whose account is gone', () => key.given(erased).when(make).thenRefused('key_exists'));
  test('goes with the credentials that it changed', () => key.given(made).when(moveTo(2)).then(movedTo(2)));
  test('moved twice to the same changes nothing', () => key.given(made, movedTo(2)).when(moveTo(2)).thenNothing());
  test('does not go back when moves overtake one another', () => key.given(made, movedTo(3)).when(moveTo(2)).thenNothing());
  test('of an admin goes with no credentials', () => key.given(madeForAdmin).when(moveTo(2)).thenNothing());
  test('that is unknown or erased is not moved', () => {
    key.given().when(moveTo(2)).thenNothing();
    key.given(erased).when(moveTo(2)).thenNothing();
  });
  test('whose address was erased is good from none, wherever it goes', () => {
    expect(fold(apiKeyDecider, [erased, movedTo(2)])).toEqual({ status: 'erased' });
  });
});
