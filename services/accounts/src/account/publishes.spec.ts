import { integrationEvent } from '@flexistream/contracts';
import { describe, expect, test } from '@jest/globals';
import { activated, base, blocked, born, by, created, deleted, passwordSet } from '../spec-support/account-facts.ts';
import { logged } from '../spec-support/projected.ts';
import type { AccountEvent } from './events.ts';
import { publishAccount } from './publishes.ts';

const published = (...events: AccountEvent[]) => logged({ stream: 'account-7', events }).flatMap(publishAccount);
const changed = { type: 'account.access-changed.v1', subject: '7', data: { accountId: 7, spaceId: 'one' } };

describe('what others hear', () => {
  test('of a creation: the ids, once', () =>
    expect(published(...born)).toEqual([{ type: 'account.created.v1', subject: '7', data: { accountId: 7, spaceId: 'one' } }]));
  test('of a creation with a token: the id of the token', () =>
    expect(published({ ...created, data: { ...created.data, creationToken: 'token-id' } })).toEqual([
      { type: 'account.created.v1', subject: '7', data: { accountId: 7, spaceId: 'one', creationToken: 'token-id' } },
    ]));
  test('of rights and credentials: that they differ', () => {
    const all: AccountEvent[] = [
      blocked,
      { type: 'AccountUnblocked', data: { ...base, personal: by } },
      { type: 'AdminRightsGranted', data: { ...base, personal: by } },
      { type: 'AdminRightsWithdrawn', data: { ...base, personal: by } },
      { ...passwordSet, data: { ...passwordSet.data, cause: 'change' } },
    ];
    expect(published(...all)).toEqual(all.map(() => changed));
  });
  test('of a deletion', () => expect(published(deleted)).toEqual([{ ...changed, type: 'account.deleted.v1' }]));
  test('nothing of private facts, nor of what it does not know', () => {
    expect(published(activated)).toEqual([]);
    expect(
      logged({ stream: 'accountclaim-x', events: [{ type: 'ClaimTaken', data: { owner: 'account-7' } }] }).flatMap(publishAccount),
    ).toEqual([]);
    expect(logged({ stream: 'account-7', events: [{ type: 'AccountBaptised', data: {} }] }).flatMap(publishAccount)).toEqual([]);
  });
  test('follows the vocabulary', () => {
    for (const event of published(...born, blocked, deleted)) {
      const whole = {
        specversion: '1.0',
        id: '01890a5d-ac96-774b-bcce-b302099a8057',
        source: 'accounts',
        time: base.at,
        sequence: 0,
        correlation: 'c',
        ...event,
      };
      expect(integrationEvent.parse(whole)).toEqual(whole);
    }
  });
});
