import type { StoredEvent } from '@flexistream/kernel';
import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { EventStore, SubscribeOptions } from '../port.ts';
import { type EventStoreSetting, numbered, numbersOf, opened, times } from './setting.ts';

const END = -1;

/** Collects what a subscription delivers until it meets the event with number -1. */
const collect = async (store: EventStore, options: Omit<SubscribeOptions, 'signal'>): Promise<StoredEvent[]> => {
  const stopping = new AbortController();
  const seen: StoredEvent[] = [];
  for await (const events of store.subscribe({ ...options, signal: stopping.signal })) {
    seen.push(...events);
    if (numbersOf(events).includes(END)) stopping.abort();
  }
  return seen;
};

const end = (store: EventStore) => store.append('end-1', [numbered(END)], { expect: 'any' });

export const subscribePromises: Promises<EventStoreSetting> = {
  'delivers what is there and what comes': opened(async (store) => {
    await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    const seen = collect(store, { after: 0 });
    await store.append('a-2', [numbered(2)], { expect: 'no-stream' });
    await end(store);
    expect(await seen).toEqual(await store.readAll({ after: 0, limit: 100 }));
    expect(numbersOf(await seen)).toEqual([0, 1, 2, END]);
  }),

  'leaves no gap and no double between catching up and live, whatever is appended meanwhile': opened(async (store) => {
    await Promise.all(times(40, (n) => store.append(`a-${n}`, [numbered(n), numbered(n)], { expect: 'no-stream' })));
    const seen = [1, 7, 1_000].map((batch) => collect(store, { after: 0, batch }));
    for (let round = 1; round <= 20; round++) {
      await Promise.all(times(10, (n) => store.append(`a-${n}`, [numbered(round)], { expect: 'any' })));
      if (round % 5 === 0) seen.push(collect(store, { after: 0, batch: 3 }));
    }
    await end(store);
    const all = (await store.readAll({ after: 0, limit: 1_000 })).map(({ position }) => position);
    expect(all).toHaveLength(281);
    for (const one of seen) expect((await one).map(({ position }) => position)).toEqual(all);
  }),

  'starts after the position that it is given': opened(async (store) => {
    const { position } = await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    await store.append('a-1', [numbered(2)], { expect: 1 });
    const seen = collect(store, { after: position });
    await end(store);
    expect(numbersOf(await seen)).toEqual([2, END]);
  }),

  'delivers no batch that is larger than asked, and none that is empty': opened(async (store) => {
    await store.append(
      'a-1',
      times(10, (n) => numbered(n)),
      { expect: 'no-stream' },
    );
    const stopping = new AbortController();
    const sizes: number[] = [];
    for await (const events of store.subscribe({ after: 0, batch: 4, signal: stopping.signal })) {
      sizes.push(events.length);
      if (sizes.reduce((sum, size) => sum + size) === 10) stopping.abort();
    }
    expect([Math.max(...sizes) <= 4, Math.min(...sizes) > 0]).toEqual([true, true]);
  }),

  'ends when its signal aborts, also while it waits': opened(async (store) => {
    const stopping = new AbortController();
    const waiting = (async () => {
      for await (const _ of store.subscribe({ after: 0, signal: stopping.signal })) expect('nothing').toBe('there');
    })();
    await store.head();
    stopping.abort();
    await waiting;
    for await (const _ of store.subscribe({ after: 0, signal: stopping.signal })) expect('ended').toBe('before it began');
  }),

  'waits for a slow subscriber without losing its place': opened(async (store) => {
    const stopping = new AbortController();
    const seen: unknown[] = [];
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    for await (const events of store.subscribe({ after: 0, signal: stopping.signal })) {
      seen.push(...numbersOf(events));
      if (seen.length === 1) await store.append('a-1', [numbered(1), numbered(2)], { expect: 0 });
      if (seen.length === 3) await end(store);
      if (seen.includes(END)) stopping.abort();
    }
    expect(seen).toEqual([0, 1, 2, END]);
  }),
};
