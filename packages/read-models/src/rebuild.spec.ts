import type { StoredEvent } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { follow } from './follow.ts';
import type { ProjectionRef } from './port.ts';
import { rebuildProjections } from './rebuild.ts';
import {
  asEvent,
  burnt,
  cursed,
  inlineLetters,
  type LetterEvent,
  type LetterStore,
  letterStore,
  lettersView,
  read,
  written,
} from './spec-support/letters.ts';

const view = lettersView();
const open = (event: StoredEvent) => event;

const everything = async ({ readModels }: LetterStore, projection: ProjectionRef) => {
  const [letters, totals] = await Promise.all(['letters', 'totals'].map((name) => readModels.find(projection, name, { limit: 1_000 })));
  const sorted = (documents: readonly object[] = []) => documents.map((document) => JSON.stringify(document)).sort();
  return { letters: sorted(letters), totals: sorted(totals), checkpoint: await readModels.checkpoint(projection) };
};

/** An append with its inline view, as a service's journal makes it. */
const tellInline = async ({ eventStore }: LetterStore, fact: LetterEvent): Promise<void> => {
  const event = asEvent(fact);
  const stream = `letter-${fact.data.id}`;
  const changes = [inlineLetters.changes({ ...event, stream, revision: 0, position: 0 })];
  await eventStore.append(stream, [event], { expect: 'any', alongside: [{ projection: inlineLetters, changes }] });
};

describe('a rebuild', () => {
  test('makes the views that following made, in batches of any size, and finds by index', async () => {
    await using store = await letterStore();
    await store.readModels.declare([view]);
    const position = await store.tell(
      written('1'),
      read('1'),
      written('2', 'Bob'),
      burnt('1'),
      written('3'),
      cursed('3'),
      read('3'),
      read('2'),
    );
    const follower = follow({ ...store, projection: view, open, batch: 3 });
    await follower.whenReached(position);
    await follower.stop();
    const [before, parked] = [await everything(store, view), await store.readModels.parked()];
    expect(parked).toHaveLength(2);
    for (const batch of [1, 2, 3, 100]) {
      await rebuildProjections({ ...store, projections: [view], open, batch });
      expect(await everything(store, view)).toEqual(before);
      expect(await store.readModels.parked()).toEqual(parked);
      expect(await store.readModels.find(view, 'letters', { where: { to: 'Bob' }, limit: 9 })).toHaveLength(1);
    }
  });

  test('makes of any history what the appends made inline', async () => {
    const step = fc.record({ letter: fc.constantFrom('1', '2', '3'), make: fc.constantFrom(written, read, burnt) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), fc.integer({ min: 1, max: 7 }), async (steps, batch) => {
        await using store = await letterStore();
        await store.readModels.declare([inlineLetters]);
        await Promise.all(steps.map(({ letter, make }) => tellInline(store, make(letter))));
        const before = await everything(store, inlineLetters);
        await rebuildProjections({ ...store, projections: [inlineLetters], open, batch });
        expect(await everything(store, inlineLetters)).toEqual(before);
      }),
      { numRuns: 25 },
    );
  });

  test('takes in what is appended meanwhile, once, and hands over to the appends', async () => {
    await using store = await letterStore();
    await store.readModels.declare([inlineLetters]);
    for (let n = 0; n < 50; n++) await tellInline(store, written(`${n}`));
    let more = 0;
    const appending: Promise<void>[] = [];
    const slow = async (event: StoredEvent) => {
      if (more < 100) appending.push(tellInline(store, written(`more-${more++}`)));
      return event;
    };
    await rebuildProjections({ ...store, projections: [inlineLetters], open: slow, batch: 10 });
    await Promise.all(appending);
    await tellInline(store, written('last'));
    expect(await store.readModels.get(inlineLetters, 'totals', 'Jane')).toEqual({ written: 151 });
    expect(await store.readModels.checkpoint(inlineLetters)).toBe(await store.eventStore.head());
  });

  test('builds several projections in one pass and tells how far it is', async () => {
    await using store = await letterStore();
    await store.readModels.declare([view, inlineLetters]);
    const head = await store.tell(...Array.from({ length: 10 }, (_, n) => written(`${n}`)));
    let opened = 0;
    const progress: (readonly [number, number])[] = [];
    await rebuildProjections({
      ...store,
      projections: [view, inlineLetters],
      batch: 4,
      open: (event) => {
        opened++;
        return event;
      },
      onProgress: (done, of) => progress.push([done, of]),
    });
    expect(opened).toBe(10);
    expect(progress.map(([done]) => done)).toEqual([4, 8, 10]);
    expect(progress.every(([, of]) => of === head)).toBe(true);
    const totals = [view, inlineLetters].map((one) => store.readModels.get(one, 'totals', 'Jane'));
    expect(await Promise.all(totals)).toEqual([{ written: 10 }, { written: 10 }]);
  });

  test('of an empty log is empty', async () => {
    await using store = await letterStore();
    await store.readModels.declare([view]);
    await rebuildProjections({ ...store, projections: [view], open });
    expect(await everything(store, view)).toEqual({ letters: [], totals: [], checkpoint: 0 });
  });
});
