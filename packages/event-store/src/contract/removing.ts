import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { EventStore } from '../port.ts';
import { type EventStoreSetting, numbered, numbersOf, opened, refusedAsConflict } from './setting.ts';

const PAST = Date.UTC(2020, 0, 1);
const FAR_FUTURE = Date.UTC(2100, 0, 1);

const goesOnAfter = async (store: EventStore, revision: number): Promise<void> => {
  expect([await store.read('a-1'), await store.read('a-1', { direction: 'backwards', limit: 1 })]).toEqual([[], []]);
  expect(await store.append('a-1', [numbered(8)], { expect: 'no-stream' })).toMatchObject({ revision });
  expect(await store.append('a-1', [numbered(9)], { expect: revision })).toMatchObject({ revision: revision + 1 });
  const stored = await store.read('a-1');
  expect([numbersOf(stored), stored.map((event) => event.revision)]).toEqual([
    [8, 9],
    [revision, revision + 1],
  ]);
};

const removing = {
  'reads a removed stream as empty, and its revisions never come back': opened(async (store) => {
    await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    await store.append('a-2', [numbered(2)], { expect: 'no-stream' });
    await store.remove('a-1');
    await goesOnAfter(store, 2);
    expect(numbersOf(await store.read('a-2'))).toEqual([2]);
  }),

  'remembers a removed stream when it is opened again': opened(async (store, again) => {
    await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    await store.remove('a-1');
    await goesOnAfter(await again(), 2);
  }),

  'removes a stream a second time': opened(async (store) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.remove('a-1');
    await store.remove('a-1');
    await goesOnAfter(store, 1);
    await store.remove('a-1');
    await goesOnAfter(store, 3);
  }),

  'removes nothing where nothing is': opened(async (store) => {
    await store.remove('a-1');
    await goesOnAfter(store, 0);
  }),

  'expects nothing of a removed stream': opened(async (store) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.remove('a-1');
    await refusedAsConflict(store.append('a-1', [numbered(1)], { expect: 'stream-exists' }));
    expect(await store.append('a-1', [numbered(2)], { expect: 'any' })).toMatchObject({ revision: 1 });
  }),

  'answers a resend after a removal as the first time': opened(async (store) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.remove('a-1');
    const events = [numbered(1)];
    const first = await store.append('a-1', events, { expect: 'no-stream' });
    expect(await store.append('a-1', events, { expect: 'no-stream' })).toEqual(first);
    expect(await store.read('a-1')).toHaveLength(1);
  }),

  'gives no position out twice, even if the newest event was removed': opened(async (store, again) => {
    const { position } = await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.remove('a-1');
    const reopened = await again();
    expect((await reopened.append('a-2', [numbered(1)], { expect: 'no-stream' })).position).toBeGreaterThan(position);
    expect(numbersOf(await reopened.readAll({ after: position, limit: 10 }))).toEqual([1]);
  }),

  'knows its end, though the newest event was removed': opened(async (store, again) => {
    const before = await store.end();
    const { position: first } = await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    const { position: removed } = await store.append('a-2', [numbered(1)], { expect: 'no-stream' });
    await store.remove('a-2');
    const reopened = await again();
    const end = await reopened.end();
    const { position: next } = await reopened.append('a-1', [numbered(2)], { expect: 0 });
    expect([before < first, end >= removed, end < next, (await reopened.end()) >= next]).toEqual([true, true, true, true]);
  }),
} satisfies Promises<EventStoreSetting>;

const expiring = {
  'reads an expired stream as removed': opened(async (store, again) => {
    await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    await store.expire('a-1', PAST);
    expect(await store.read('a-1')).toEqual([]);
    await goesOnAfter(await again(), 2);
  }),

  'keeps a stream until its moment': opened(async (store) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.expire('a-1', FAR_FUTURE);
    await store.append('a-1', [numbered(1)], { expect: 0 });
    expect(numbersOf(await store.read('a-1'))).toEqual([0, 1]);
  }),

  'takes the newest moment that it was given': opened(async (store) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.expire('a-1', FAR_FUTURE);
    await store.expire('a-1', PAST);
    expect(await store.read('a-1')).toEqual([]);
  }),
} satisfies Promises<EventStoreSetting>;

export const removePromises: Promises<EventStoreSetting> = { ...removing, ...expiring };
