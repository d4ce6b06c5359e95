import { fold, isRefusal } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { PlacesEvent } from './events.ts';
import { isFull, type PlacesCommand, placesDecider } from './places.ts';

const now = '2026-01-01T00:00:00.000Z';
const places = specFor(placesDecider);
const take = (owner: string): PlacesCommand => ({ type: 'TakePlace', data: { owner }, now });
const release = (owner: string): PlacesCommand => ({ type: 'ReleasePlace', data: { owner }, now });
const limit = (to: number, present: string[] = [], atLeastPresent = true): PlacesCommand => ({
  type: 'SetLimit',
  data: { limit: to, present, atLeastPresent },
  now,
});
const limitSet = (to: number): PlacesEvent => ({ type: 'LimitSet', data: { limit: to } });
const counted = (...owners: string[]): PlacesEvent => ({ type: 'PlacesCounted', data: { owners } });
const taken = (owner: string): PlacesEvent => ({ type: 'PlaceTaken', data: { owner } });
const released = (owner: string): PlacesEvent => ({ type: 'PlaceReleased', data: { owner } });
const closed: PlacesEvent = { type: 'PlacesClosed', data: {} };

describe('the places of a space', () => {
  test('are not counted while there is no limit', () => places.given().when(take('a')).thenNothing());
  test('are taken one by one', () => places.given(limitSet(2), taken('a')).when(take('b')).then(taken('b')));
  test('asked for twice are taken once', () => places.given(limitSet(1), taken('a')).when(take('a')).thenNothing());
  test('are refused when all are taken', () => places.given(limitSet(1), taken('a')).when(take('b')).thenRefused('too_many_accounts'));
  test('are free again at once', () => places.given(limitSet(1), taken('a'), released('a')).when(take('b')).then(taken('b')));
  test('released by who holds none change nothing', () => places.given(limitSet(1)).when(release('a')).thenNothing());
  test('are given to nobody once the space is gone', () => places.given(closed).when(take('a')).thenRefused('space_gone'));
  test('are closed once', () => places.given(closed).when({ type: 'ClosePlaces', data: {}, now }).thenNothing());
  test('are released in a closed space all the same', () =>
    places.given(limitSet(1), taken('a'), closed).when(release('a')).then(released('a')));
});

describe('a limit', () => {
  test('counts who is there', () =>
    places
      .given()
      .when(limit(5, ['a', 'b']))
      .then(counted('a', 'b'), limitSet(5)));
  test('may be the present number', () =>
    places
      .given(limitSet(5), taken('a'), taken('b'))
      .when(limit(2, ['a', 'b']))
      .then(limitSet(2)));
  test('below the present number is refused', () =>
    places
      .given(limitSet(5), taken('a'), taken('b'))
      .when(limit(1, ['a', 'b']))
      .thenRefused('below_present', { present: 2 }));
  test('below the present number is taken where nobody asks about it', () =>
    places
      .given()
      .when(limit(1, ['a', 'b'], false))
      .then(counted('a', 'b'), limitSet(1)));
  test('that is set again counts only who was missed', () =>
    places
      .given(limitSet(5), taken('a'))
      .when(limit(5, ['a', 'b']))
      .then(counted('b')));
  test('that is set again changes nothing', () =>
    places
      .given(limitSet(5), taken('a'))
      .when(limit(5, ['a']))
      .thenNothing());
  test('that is taken away forgets who holds a place', () => {
    places.given(limitSet(1), taken('a')).when(limit(0)).then(limitSet(0));
    places.given(limitSet(1), taken('a'), limitSet(0), limitSet(1)).when(take('b')).then(taken('b'));
  });
  test('of a very large space is stated in parts', () => {
    const present = Array.from({ length: 25_000 }, (_, n) => `account-${n}`);
    places
      .given()
      .when(limit(30_000, present))
      .thenState((state) => expect(state.holders.size).toBe(25_000));
    expect(placesDecider.decide(limit(30_000, present), placesDecider.initial)).toHaveLength(4);
  });
});

test('no more places are held than the limit says, whatever is asked', () => {
  const owner = fc.constantFrom('a', 'b', 'c', 'd');
  const command = fc.oneof(
    owner.map(take),
    owner.map(release),
    fc.integer({ min: 1, max: 3 }).map((to) => limit(to)),
  );
  fc.assert(
    fc.property(fc.array(command), (commands) => {
      const events: PlacesEvent[] = [limitSet(3)];
      for (const asked of commands) {
        const decision = placesDecider.decide(asked, fold(placesDecider, events));
        if (!isRefusal(decision)) events.push(...decision);
      }
      const state = fold(placesDecider, events);
      expect(state.holders.size).toBeLessThanOrEqual(state.limit);
      expect(isFull(state)).toBe(state.holders.size === state.limit);
    }),
  );
});
