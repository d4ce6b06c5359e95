import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type CreationTokenCommand, creationTokenDecider } from './creation-token.ts';
import type { CreationTokenEvent } from './events.ts';

const at = '2026-01-01T00:00:00.000Z';
const later = '2026-01-01T01:00:00.001Z';
const made: CreationTokenEvent = {
  type: 'CreationTokenMade',
  data: { origin: 'admin', at, personal: { ip: '203.0.113.5', userAgent: null } },
};
const of = (type: 'CreationTokenReserved' | 'CreationTokenReleased' | 'CreationTokenUsed', accountId: number): CreationTokenEvent => ({
  type,
  data: { accountId, at },
});
const reserve = (accountId: number, now = at, lifetimeMinutes = 0): CreationTokenCommand => ({
  type: 'ReserveCreationToken',
  data: { accountId, lifetimeMinutes },
  now,
});
const release = (accountId: number): CreationTokenCommand => ({ type: 'ReleaseCreationToken', data: { accountId }, now: at });
const markUsed = (accountId: number): CreationTokenCommand => ({ type: 'MarkCreationTokenUsed', data: { accountId }, now: at });

describe('a creation token', () => {
  const token = specFor(creationTokenDecider);
  test('is made once', () =>
    token
      .given()
      .when({ type: 'MakeCreationToken', data: { ip: '203.0.113.5', userAgent: null }, now: at })
      .then(made));
  test('is reserved for one account', () => token.given(made).when(reserve(7)).then(of('CreationTokenReserved', 7)));
  test('reserved again for the same one changes nothing', () =>
    token.given(made, of('CreationTokenReserved', 7)).when(reserve(7)).thenNothing());
  test('is refused to a second one', () => token.given(made, of('CreationTokenReserved', 7)).when(reserve(8)).thenRefused('token_taken'));
  test('is refused once used', () =>
    token.given(made, of('CreationTokenReserved', 7), of('CreationTokenUsed', 7)).when(reserve(8)).thenRefused('token_taken'));
  test('is free again after its release', () =>
    token
      .given(made, of('CreationTokenReserved', 7), of('CreationTokenReleased', 7))
      .when(reserve(8))
      .then(of('CreationTokenReserved', 8)));
  test('is not released by another account', () => token.given(made, of('CreationTokenReserved', 7)).when(release(8)).thenNothing());
  test('is unknown before it is made', () => token.given().when(reserve(7)).thenRefused('token_unknown'));
  test('lasts its minutes to the millisecond', () => {
    token
      .given(made)
      .when(reserve(7, '2026-01-01T01:00:00.000Z', 60))
      .then({ type: 'CreationTokenReserved', data: { accountId: 7, at: '2026-01-01T01:00:00.000Z' } });
    token
      .given(made)
      .when(reserve(7, later, 60))
      .thenRefused('token_expired');
  });

  test('makes one account at most, in whatever order it is asked', () => {
    const command = fc.record({ kind: fc.constantFrom(reserve, release, markUsed), accountId: fc.constantFrom(1, 2, 3) });
    fc.assert(
      fc.property(fc.array(command, { maxLength: 20 }), (commands) => {
        const events: CreationTokenEvent[] = [made];
        for (const { kind, accountId } of commands) {
          const decision = creationTokenDecider.decide(kind(accountId), fold(creationTokenDecider, events));
          if (!isRefusal(decision)) events.push(...decision);
        }
        expect(events.filter(({ type }) => type === 'CreationTokenUsed').length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
