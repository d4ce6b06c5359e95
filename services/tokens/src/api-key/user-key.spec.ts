import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { UserKeyEvent } from './events.ts';
import { type UserKeyCommand, userKeyDecider } from './user-key.ts';

const now = '2026-01-01T00:00:00.000Z';
const set = (key: string): UserKeyCommand => ({ type: 'SetUserKey', data: { accountId: 7, key }, now });
const end: UserKeyCommand = { type: 'EndUserKey', data: { accountId: 7 }, now };
const wasSet = (key: string, former: string | null): UserKeyEvent => ({ type: 'UserKeySet', data: { accountId: 7, key, former, at: now } });
const ended = (former: string | null): UserKeyEvent => ({ type: 'UserKeyEnded', data: { accountId: 7, former, at: now } });

describe('the user key of an account', () => {
  const userKey = specFor(userKeyDecider);
  test('is the first one', () => userKey.given().when(set('a')).then(wasSet('a', null)));
  test('takes the place of the former', () => userKey.given(wasSet('a', null)).when(set('b')).then(wasSet('b', 'a')));
  test('set twice changes nothing', () => userKey.given(wasSet('a', null)).when(set('a')).thenNothing());
  test('ends with the account', () => userKey.given(wasSet('a', null)).when(end).then(ended('a')));
  test('ends before there was one', () => userKey.given().when(end).then(ended(null)));
  test('ends once', () => userKey.given(wasSet('a', null), ended('a')).when(end).thenNothing());
  test('is refused to an account that is gone', () => userKey.given(ended(null)).when(set('b')).thenRefused('account_gone'));

  const commands = fc.array(fc.oneof(fc.constantFrom('a', 'b', 'c').map(set), fc.constant(end)), { maxLength: 12 });
  const accepted = (asked: readonly UserKeyCommand[]): UserKeyEvent[] => {
    const events: UserKeyEvent[] = [];
    for (const command of asked) {
      const decision = userKeyDecider.decide(command, fold(userKeyDecider, events));
      if (!isRefusal(decision)) events.push(...decision);
    }
    return events;
  };

  test('is the one that was set last, none after its end, whatever is asked', () => {
    fc.assert(
      fc.property(commands, (asked) => {
        const until = asked.findIndex(({ type }) => type === 'EndUserKey');
        const last = asked.at(-1)?.data as { key: string } | undefined;
        const expected = until >= 0 ? { status: 'ended' } : last === undefined ? { status: 'none' } : { status: 'set', key: last.key };
        expect(fold(userKeyDecider, accepted(asked))).toEqual(expected);
      }),
    );
  });

  test('is told by the newest event alone', () => {
    fc.assert(
      fc.property(commands, (asked) => {
        const events = accepted(asked);
        expect(fold(userKeyDecider, events.slice(-1))).toEqual(fold(userKeyDecider, events));
      }),
    );
  });

  test('names each former key once, so that each end is told', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 })), (keys) => {
        const formers = accepted([...keys.map(set), end]).flatMap(({ data }) => data.former ?? []);
        expect(formers).toEqual(keys);
      }),
    );
  });
});
