import { fold } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { activated, base, blocked, born, by, claims, deleted, later } from '../spec-support/account-facts.ts';
import { logged, projected } from '../spec-support/projected.ts';
import { accountDecider } from './account.ts';
import type { AccountEvent } from './events.ts';
import { accountView, counts, everywhere, profiles } from './view.ts';

const at = { ...base, at: later };
const moved: AccountEvent = {
  type: 'AccountMoved',
  data: { ...at, spaceId: 'two', domain: 'two.example.org', fromSpaceId: 'one', claims, freed: [], personal: by },
};
const changes: AccountEvent[] = [
  activated,
  blocked,
  { type: 'AccountUnblocked', data: { ...at, personal: by } },
  { type: 'AccountDeactivated', data: { ...at, personal: by } },
  { type: 'AdminRightsGranted', data: { ...at, personal: by } },
  { type: 'AdminRightsWithdrawn', data: { ...at, personal: by } },
  { type: 'AccountRenamed', data: { ...at, claims, freed: [], personal: { username: 'joan', ...by } } },
  { type: 'DetailsChanged', data: { ...at, dtmfProtocol: 'rfc2833', personal: { displayName: 'Joan', ...by } } },
  { type: 'EmailSet', data: { ...at, claims, freed: [], personal: { email: 'joan@example.org', ...by } } },
  { type: 'PhoneSet', data: { ...at, claims, freed: [], personal: { phone: '+33612121212', ...by } } },
  { type: 'DictionaryReplaced', data: { ...at, personal: { dictionary: [['a', '1']], ...by } } },
  {
    type: 'PasswordSet',
    data: {
      ...at,
      algorithm: 'MD5',
      cause: 'admin',
      personal: { verifier: { algorithm: 'MD5', realm: 'r', username: 'joan', ha1: 'x' }, ...by },
    },
  },
  { type: 'ProvisioningTokenIssued', data: { ...at, cause: 'user', hash: 'h', expireAt: later, personal: { token: 't', ...by } } },
  moved,
];
const erased = (events: readonly AccountEvent[]) =>
  events.map((event) => ('personal' in event.data ? { ...event, data: { ...event.data, personal: 'erased' } } : event)) as AccountEvent[];

describe('the view of accounts', () => {
  test.each([1, 2, 3])('shows what the aggregate knows, delivered %i times', async (times) => {
    const events = [...born, ...changes];
    const view = await projected(accountView, logged({ stream: 'account-7', events }), times);
    const state = fold(accountDecider, events);
    expect(state).toMatchObject({ status: 'present', profile: { username: 'joan', spaceId: 'two' } });
    expect(await view.get(profiles, 7)).toEqual(state.status === 'present' ? state.profile : 'none');
  });

  test('holds no verifier', async () => {
    const view = await projected(accountView, logged({ stream: 'account-7', events: born }));
    expect(JSON.stringify(await view.get(profiles, 7))).not.toMatch(/ha1|[0-9a-f]{32}/);
  });

  test('keeps the counts, delivered twice', async () => {
    const other = born.map((event) => ({ ...event, data: { ...event.data, id: 8 } }));
    const log = logged({ stream: 'account-7', events: [...born, moved] }, { stream: 'account-8', events: other });
    const view = await projected(accountView, log, 2);
    expect(await view.get(counts, 'one')).toEqual({ accounts: 1 });
    expect(await view.get(counts, 'two')).toEqual({ accounts: 1 });
    expect(await view.get(counts, everywhere)).toEqual({ accounts: 2 });
  });

  test('of a deleted account nothing is left, and it counts no more', async () => {
    const view = await projected(accountView, logged({ stream: 'account-7', events: [...born, deleted] }), 2);
    expect(await view.get(profiles, 7)).toBeUndefined();
    expect(await view.get(counts, everywhere)).toEqual({ accounts: 0 });
  });

  test('is the same after a rebuild from what an erasure leaves', async () => {
    const view = await projected(
      accountView,
      logged({ stream: 'account-7', events: erased([...born, ...changes, { ...deleted, data: { ...deleted.data, spaceId: 'two' } }]) }),
      2,
    );
    expect(await view.get(profiles, 7)).toBeUndefined();
    for (const id of ['one', 'two', everywhere]) expect(await view.get(counts, id)).toEqual({ accounts: 0 });
  });
});
