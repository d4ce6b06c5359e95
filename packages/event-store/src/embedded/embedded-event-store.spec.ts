import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import {
  type ExpectedRevision,
  fixedClock,
  isConflict,
  type Journal,
  MemoryJournal,
  type NewEvent,
  type StoredEvent,
} from '@flexistream/kernel';
import { InProcessWriter } from '@flexistream/sqlite';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { numbered, numbersOf, times } from '../contract/setting.ts';
import { type EmbeddedEventStore, openEventStore } from './index.ts';
import { embeddedSetting } from './setting.ts';
import { streamHash } from './stream-hash.ts';

const setting = embeddedSetting(() => new InProcessWriter());

/** The text of every file of the folder, byte by byte. */
const bytesIn = (folder: string): string =>
  readdirSync(folder)
    .map((name) => readFileSync(join(folder, name), 'latin1'))
    .join('');

const withClock = async (check: (store: EmbeddedEventStore, clock: ReturnType<typeof fixedClock>, folder: string) => Promise<void>) => {
  await using place = await setting();
  const clock = fixedClock();
  const writer = new InProcessWriter();
  const store = await openEventStore({ file: join(place.folder, 'clocked.db'), writer, clock });
  try {
    await check(store, clock, place.folder);
  } finally {
    await store.close();
  }
};

/** Appends of few events to few streams, with any expectation, some of them sent twice. */
const histories = fc.array(
  fc.record({
    stream: fc.constantFrom('a-1', 'a-2'),
    expect: fc.constantFrom<ExpectedRevision>('any', 'no-stream', 'stream-exists', 0, 1, 2, 3, 4),
    events: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
  }),
  { maxLength: 15 },
);

describe('the log in SQLite', () => {
  test('answers any history of appends as the journal in memory does', () =>
    fc.assert(
      fc.asyncProperty(histories, async (history) => {
        await using place = await setting();
        const store = await place.open();
        const memory = new MemoryJournal();
        const known = times(6, (n) => numbered(n));
        const outcome = async (journal: Pick<Journal, 'append'>, { stream, expect, events }: (typeof history)[number]) => {
          const sent = events.map((n) => known[n]).filter((event): event is NewEvent => event !== undefined);
          return journal.append(stream, sent, { expect }).catch((error) => (isConflict(error) ? 'conflict' : Promise.reject(error)));
        };
        for (const step of history) expect(await outcome(store, step)).toEqual(await outcome(memory, step));
        for (const stream of ['a-1', 'a-2']) expect(await store.read(stream)).toEqual(await memory.read(stream));
        await store.close();
      }),
      { numRuns: 60 },
    ));

  test('tells streams apart whose names share a hash', async () => {
    await using place = await setting();
    const first = await place.open();
    await first.append('a-1', [numbered(1), numbered(2)], { expect: 'no-stream' });
    await first.append('b-1', [numbered(3)], { expect: 'no-stream' });
    await first.close();
    const database = new DatabaseSync(join(place.folder, 'log.db'));
    database.prepare(`UPDATE events SET stream_hash = ? WHERE stream = 'b-1'`).run(streamHash('a-1'));
    database.prepare('UPDATE events SET stream = ? WHERE stream = ?').run('other', 'b-1');
    database.close();
    const store = await place.open();
    expect(numbersOf(await store.read('a-1'))).toEqual([1, 2]);
    expect(numbersOf(await store.read('a-1', { direction: 'backwards', limit: 1 }))).toEqual([2]);
    expect(await store.append('a-1', [numbered(4)], { expect: 1 })).toMatchObject({ revision: 2 });
    await store.remove('a-1');
    expect(numbersOf(await store.readAll({ after: 0, limit: 9 }))).toEqual([3]);
    await store.close();
  });

  test('leaves nothing of a removed stream in any file', async () => {
    await using place = await setting();
    const store = await place.open();
    await store.append('a-1', [numbered(1, { data: { text: 'what must go' } })], { expect: 'no-stream' });
    await store.append('a-2', [numbered(2, { data: { text: 'what stays' } })], { expect: 'no-stream' });
    expect(bytesIn(place.folder)).toContain('what must go');
    await store.remove('a-1');
    expect(bytesIn(place.folder)).not.toContain('what must go');
    expect(bytesIn(place.folder)).toContain('what stays');
    await store.close();
  });

  test('takes expired streams off the disk, and no other', () =>
    withClock(async (store, clock, folder) => {
      await Promise.all(
        times(600, (n) => store.append(`a-${n}`, [numbered(n, { data: { number: n, text: 'short-lived' } })], { expect: 'no-stream' })),
      );
      await store.append('b-1', [numbered(-1)], { expect: 'no-stream' });
      await Promise.all(times(600, (n) => store.expire(`a-${n}`, clock() + 1_000)));
      await store.expire('b-1', clock() + 2_000);
      expect(await store.removeExpired()).toBe(0);
      clock.advance(1_000);
      expect(await store.read('a-7')).toEqual([]);
      expect(bytesIn(folder)).toContain('short-lived');
      expect(await store.removeExpired()).toBe(600);
      expect(bytesIn(folder)).not.toContain('short-lived');
      expect(numbersOf(await store.readAll({ after: 0, limit: 1_000 }))).toEqual([-1]);
      expect(await store.removeExpired()).toBe(0);
    }));

  test('lets a stream live again that is appended to after it has expired', () =>
    withClock(async (store, clock) => {
      await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
      await store.expire('a-1', clock() + 1);
      clock.advance(1);
      await store.append('a-1', [numbered(1)], { expect: 'no-stream' });
      clock.advance(1_000_000);
      expect(await store.removeExpired()).toBe(0);
      expect((await store.read('a-1')).map(({ revision }: StoredEvent) => revision)).toEqual([1]);
    }));

  test('ignores what is to be written alongside: it has no views', async () => {
    await using place = await setting();
    const store = await place.open();
    expect(store.appendsViews).toBe(false);
    await store.append('a-1', [numbered(0)], {
      expect: 'no-stream',
      alongside: [{ projection: { name: 'x', version: 1 }, changes: [[]] }],
    });
    expect(await store.read('a-1')).toHaveLength(1);
    await store.close();
  });

  test('stays closed when it is closed twice', async () => {
    await using place = await setting();
    const store = await place.open();
    await Promise.all([store.close(), store.close()]);
    await expect(store.head()).rejects.toMatchObject({ code: 'unavailable' });
  });
});
