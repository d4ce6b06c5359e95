import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { z } from 'zod';
import {
  type ClaimCommand,
  type ClaimEvent,
  type ClaimRules,
  claimAbandoned,
  claimDecider,
  type Decision,
  event,
  eventCatalogue,
  type FactOf,
  fold,
  handle,
  isRefusal,
  MemoryJournal,
  ownersOf,
  refuse,
  sequence,
  sweepClaim,
  uuidv7,
} from './index.ts';
import { specFor } from './spec.ts';

const now = '2026-01-01T00:00:00.000Z';
const context = () => {
  const id = uuidv7();
  return { id, correlation: id, actor: 'public', at: now };
};
const take = (owner: string, exclusive = true): ClaimCommand => ({ type: 'TakeClaim', data: { owner, exclusive }, now });
const release = (owner: string): ClaimCommand => ({ type: 'ReleaseClaim', data: { owner }, now });
const taken = (owner: string) => ({ type: 'ClaimTaken', data: { owner } }) as const;
const released = (owner: string) => ({ type: 'ClaimReleased', data: { owner } }) as const;

describe('a claim', () => {
  const claim = specFor(claimDecider);
  test('is taken by the first', () => claim.given().when(take('a')).then(taken('a')));
  test('is refused to a second', () =>
    claim
      .given(taken('a'))
      .when(take('b'))
      .thenRefused('claim_taken', { owners: ['a'] }));
  test('is shared where the rule is off', () => claim.given(taken('a')).when(take('b', false)).then(taken('b')));
  test('asked for twice changes nothing', () => claim.given(taken('a')).when(take('a')).thenNothing());
  test('is free again after its release', () => claim.given(taken('a'), released('a')).when(take('b')).then(taken('b')));
  test('released by a stranger changes nothing', () => claim.given(taken('a')).when(release('b')).thenNothing());

  test('never has two owners while the rule is on, whatever is asked', () => {
    const command = fc.record({ owner: fc.constantFrom('a', 'b', 'c'), takes: fc.boolean() });
    fc.assert(
      fc.property(fc.array(command), (commands) => {
        const events: ClaimEvent[] = [];
        for (const { owner, takes } of commands) {
          const decision = claimDecider.decide(takes ? take(owner) : release(owner), fold(claimDecider, events));
          if (!isRefusal(decision)) events.push(...decision);
        }
        expect(fold(claimDecider, events).length).toBeLessThanOrEqual(1);
      }),
    );
  });
});

const ownerEvents = eventCatalogue({ Named: event(1, z.object({ claim: z.string() })), ClaimAbandoned: claimAbandoned });
type OwnerEvent = FactOf<typeof ownerEvents.types>;
interface Name {
  readonly type: 'Name';
  readonly data: { readonly claim: string };
  readonly now: string;
}
const owner = {
  initial: 'absent',
  events: ownerEvents,
  evolve: (state: string, { type }: OwnerEvent) => (type === 'Named' ? 'named' : state === 'absent' ? 'fenced' : state),
  decide: ({ data }: Name, state: string): Decision<OwnerEvent> =>
    state === 'fenced' ? refuse('fenced') : state === 'named' ? [] : [{ type: 'Named', data: { claim: data.claim } }],
};
const rules = (verify?: () => Promise<undefined>): ClaimRules<string, OwnerEvent> => ({
  wanted: (events) => events.map(({ data }) => ({ stream: data.claim, exclusive: true, refusal: refuse('name_taken') })),
  freed: () => [],
  ...(verify ? { verify } : {}),
});
const name = (claim: string): Name => ({ type: 'Name', data: { claim }, now });
const sweep = (journal: MemoryJournal, ownerStream: string) =>
  sweepClaim(journal, {
    claim: 'claim-x',
    owner: ownerStream,
    holds: (events) => events.some(({ type }) => type === 'Named'),
    context: context(),
  });

describe('claiming a value with a fact', () => {
  test('lets one of twenty creators win', async () => {
    const journal = new MemoryJournal();
    const tries = await Promise.all(
      Array.from({ length: 20 }, (_, n) => handle(journal, owner, `owner-${n}`, name('claim-x'), { context: context(), claims: rules() })),
    );
    expect(tries.filter((outcome) => !isRefusal(outcome))).toHaveLength(1);
    expect(await ownersOf(journal, 'claim-x')).toHaveLength(1);
  });

  test('survives a sweep that finds the fact', async () => {
    const journal = new MemoryJournal();
    await handle(journal, owner, 'owner-1', name('claim-x'), { context: context(), claims: rules() });
    expect(await sweep(journal, 'owner-1')).toBe('held');
    expect(await ownersOf(journal, 'claim-x')).toEqual(['owner-1']);
  });

  test('held by a paused writer is swept, taken by a second one, and the first one is refused when it wakes', async () => {
    const journal = new MemoryJournal();
    const paused = Promise.withResolvers<undefined>();
    const claimed = Promise.withResolvers<void>();
    const first = handle(journal, owner, 'owner-1', name('claim-x'), {
      context: context(),
      claims: rules(() => {
        claimed.resolve();
        return paused.promise;
      }),
    });
    await claimed.promise;
    expect(await sweep(journal, 'owner-1')).toBe('released');
    expect(isRefusal(await handle(journal, owner, 'owner-2', name('claim-x'), { context: context(), claims: rules() }))).toBe(false);
    paused.resolve(undefined);
    expect(await first).toEqual({ refused: 'fenced' });
    expect(await ownersOf(journal, 'claim-x')).toEqual(['owner-2']);
  });
});

describe('a sequence', () => {
  test('never hands out an id twice, to whatever instances share it', async () => {
    const journal = new MemoryJournal();
    const instances = Array.from({ length: 4 }, () => sequence(journal, 'sequence-x', 3));
    const ids = await Promise.all(Array.from({ length: 100 }, (_, n) => instances[n % 4]?.next(context())));
    expect(new Set(ids).size).toBe(100);
  });
});
