import { describe, expect, test } from '@jest/globals';
import type { AccountEvent } from '../account/events.ts';
import { base, born, by, claims, deleted } from '../spec-support/account-facts.ts';
import { logged, projected, type Written } from '../spec-support/projected.ts';
import { closedSpaces, pendingClaims, pendingView } from './pending.ts';

const taken = (stream: string): Written => ({
  stream,
  events: [{ type: stream.startsWith('places-') ? 'PlaceTaken' : 'ClaimTaken', data: { owner: 'account-7' } }],
});
const released = (stream: string): Written => ({
  stream,
  events: [{ type: stream.startsWith('places-') ? 'PlaceReleased' : 'ClaimReleased', data: { owner: 'account-7' } }],
});
const of = (...events: AccountEvent[]): Written => ({ stream: 'account-7', events });
const renamed: AccountEvent = {
  type: 'AccountRenamed',
  data: { ...base, claims: { ...claims, name: 'claim-joan' }, freed: ['claim-jane'], personal: { username: 'joan', ...by } },
};
const moved: AccountEvent = {
  type: 'AccountMoved',
  data: {
    ...base,
    spaceId: 'two',
    fromSpaceId: 'one',
    domain: 'd',
    claims: { ...claims, name: 'claim-two' },
    freed: ['claim-jane'],
    personal: by,
  },
};

const pending = async (...written: Written[]) => {
  const once = await projected(pendingView, logged(...written));
  const twice = await projected(pendingView, logged(...written), 2);
  const found = (await once.all(pendingClaims, 'at')).map(({ claim }) => claim).sort();
  expect((await twice.all(pendingClaims, 'at')).map(({ claim }) => claim).sort()).toEqual(found);
  return found;
};

describe('what may be half done', () => {
  test('is a claim and a place until the account is there', async () => {
    expect(await pending(taken('claim-jane'), taken('places-one'))).toEqual(['claim-jane', 'places-one']);
    expect(await pending(taken('claim-jane'), taken('places-one'), of(...born))).toEqual([]);
  });
  test('is nothing once they are given back', async () =>
    expect(await pending(taken('claim-jane'), released('claim-jane'), taken('places-one'), released('places-one'))).toEqual([]));
  test('is a former name until it is released', async () => {
    const before = [taken('claim-jane'), of(...born), taken('claim-joan'), of(renamed)];
    expect(await pending(...before)).toEqual(['claim-jane']);
    expect(await pending(...before, released('claim-jane'))).toEqual([]);
  });
  test('is a former name after a move', async () =>
    expect(await pending(taken('claim-jane'), of(...born), taken('claim-two'), taken('places-two'), of(moved))).toEqual(['claim-jane']));
  test('is what a deletion gives up until it is released', async () => {
    const before = [taken('claim-jane'), of(...born, deleted)];
    expect(await pending(...before)).toEqual(['claim-jane']);
    expect(await pending(...before, released('claim-jane'))).toEqual([]);
  });
  test('is seen with erased parts too', async () => {
    const erased = [...born, renamed].map((event) => ({ ...event, data: { ...event.data, personal: 'erased' } })) as AccountEvent[];
    expect(await pending(taken('claim-jane'), of(...erased))).toEqual(['claim-jane']);
  });
});

test('a space that is closed is remembered', async () => {
  const view = await projected(pendingView, logged({ stream: 'places-one', events: [{ type: 'PlacesClosed', data: {} }] }), 2);
  expect(await view.all(closedSpaces, 'spaceId')).toEqual([{ spaceId: 'one' }]);
});
