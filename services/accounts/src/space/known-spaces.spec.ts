import type { SpaceIdentity } from '@flexistream/contracts';
import { fixedClock } from '@flexistream/kernel';
import type { AskService } from '@flexistream/service-host';
import { describe, expect, test } from '@jest/globals';
import { space } from '../spec-support/neighbours.ts';
import { isExpired, KnownSpaces, realmOf } from './known-spaces.ts';

const context = { id: '', correlation: '', actor: 'public', at: '' };

const asked = () => {
  const answers: { resolve: (space: SpaceIdentity | null) => void }[] = [];
  const ask = (() => {
    const { promise, resolve } = Promise.withResolvers<SpaceIdentity | null>();
    answers.push({ resolve });
    return promise;
  }) as AskService;
  const clock = fixedClock();
  return { answers, clock, spaces: new KnownSpaces(ask, clock) };
};

describe('a space as its owner tells it', () => {
  test('is remembered for a second, counted from the moment of asking', async () => {
    const { answers, clock, spaces } = asked();
    const first = spaces.byId('one', context);
    clock.advance(900);
    answers[0]?.resolve(space('one'));
    expect(await first).toEqual(space('one'));
    clock.advance(99);
    expect(await spaces.byId('one', context)).toEqual(space('one'));
    expect(answers).toHaveLength(1);
    clock.advance(1);
    void spaces.byId('one', context);
    await Promise.resolve();
    expect(answers).toHaveLength(2);
  });

  test('is asked for once by parallel askers', async () => {
    const { answers, spaces } = asked();
    const all = Promise.all([spaces.byId('one', context), spaces.byId('one', context), spaces.byId('one', context)]);
    answers[0]?.resolve(space('one'));
    expect(await all).toEqual([space('one'), space('one'), space('one')]);
    expect(answers).toHaveLength(1);
  });

  test('is never missing because it was missing before', async () => {
    const { answers, spaces } = asked();
    const first = spaces.byDomain('ONE.example.org', context);
    answers[0]?.resolve(null);
    expect(await first).toBeNull();
    const second = spaces.byDomain('one.example.org', context);
    await new Promise(setImmediate);
    answers[1]?.resolve(space('one'));
    expect(await second).toEqual(space('one'));
  });

  test('is asked for again once something has changed', async () => {
    const { answers, spaces } = asked();
    const first = spaces.byId('one', context);
    answers[0]?.resolve(space('one'));
    await first;
    spaces.forget();
    void spaces.byId('one', context);
    expect(answers).toHaveLength(2);
  });
});

test('a space is expired from its moment on', () => {
  expect(isExpired(space('one', { expireAt: 1_000 }), 999)).toBe(false);
  expect(isExpired(space('one', { expireAt: 1_000 }), 1_000)).toBe(true);
  expect(isExpired(space('one'), 1_000)).toBe(false);
});
test('the domain stands in for a realm', () =>
  expect([realmOf(space('one')), realmOf(space('one', { realm: 'r' }))]).toEqual(['one.example.org', 'r']));
