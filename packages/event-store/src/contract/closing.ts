import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import { type EventStoreSetting, numbered, numbersOf, opened, times } from './setting.ts';

export const closePromises: Promises<EventStoreSetting> = {
  'finds everything again when it is opened anew': opened(async (store, again) => {
    await Promise.all(times(100, (n) => store.append(`a-${n % 10}`, [numbered(n)], { expect: 'any' })));
    const before = await store.readAll({ after: 0, limit: 1_000 });
    const reopened = await again();
    expect(before).toHaveLength(100);
    expect(await reopened.readAll({ after: 0, limit: 1_000 })).toEqual(before);
    const { position } = await reopened.append('a-0', [numbered(100)], { expect: 9 });
    expect(position).toBeGreaterThan(before.at(-1)?.position ?? Number.POSITIVE_INFINITY);
  }),

  'finishes the appends that it has accepted before it closes': opened(async (store, again) => {
    const appends = times(50, (n) => store.append(`a-${n}`, [numbered(n)], { expect: 'no-stream' }));
    const reopened = await again();
    await Promise.all(appends);
    expect(numbersOf(await reopened.readAll({ after: 0, limit: 100 })).sort()).toEqual(times(50, (n) => n).sort());
  }),

  'is unavailable once it is closed': opened(async (store) => {
    await store.close();
    for (const ask of [store.append('a-1', [numbered(0)], { expect: 'any' }), store.read('a-1'), store.readAll({ after: 0, limit: 1 })]) {
      await expect(ask).rejects.toMatchObject({ code: 'unavailable' });
    }
  }),

  'ends its subscriptions when it closes': opened(async (store) => {
    const waiting = (async () => {
      for await (const _ of store.subscribe({ after: 0, signal: new AbortController().signal })) expect('nothing').toBe('there');
    })();
    await store.head();
    await store.close();
    await waiting;
  }),
};
