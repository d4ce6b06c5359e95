import { type ExpectedRevision, isConflict } from '@flexistream/kernel';
import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import { type EventStoreSetting, numbered, numbersOf, opened, refusedAsConflict, times } from './setting.ts';

const expecting = {
  'accepts an append where its expectation holds': opened(async (store) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.append('a-1', [numbered(1)], { expect: 0 });
    await store.append('a-1', [numbered(2)], { expect: 'stream-exists' });
    await store.append('a-1', [numbered(3)], { expect: 'any' });
    await store.append('a-2', [numbered(4)], { expect: 'any' });
    expect([numbersOf(await store.read('a-1')), numbersOf(await store.read('a-2'))]).toEqual([[0, 1, 2, 3], [4]]);
  }),

  'refuses an append where its expectation does not hold': opened(async (store) => {
    await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    const wrong: readonly (readonly [string, ExpectedRevision])[] = [
      ['a-1', 'no-stream'],
      ['a-1', 0],
      ['a-1', 2],
      ['a-2', 'stream-exists'],
      ['a-2', 0],
    ];
    for (const [stream, expected] of wrong) await refusedAsConflict(store.append(stream, [numbered(9)], { expect: expected }));
    expect([numbersOf(await store.read('a-1')), await store.read('a-2')]).toEqual([[0, 1], []]);
  }),

  'names the stream of a conflict': opened(async (store) => {
    await expect(store.append('a-1', [numbered(0)], { expect: 3 })).rejects.toMatchObject({ stream: 'a-1' });
  }),

  'refuses to append nothing': opened(async (store) => {
    await expect(store.append('a-1', [], { expect: 'any' })).rejects.toBeInstanceOf(RangeError);
  }),
} satisfies Promises<EventStoreSetting>;

const answering = {
  'answers where its last event stands': opened(async (store) => {
    const first = await store.append('a-1', [numbered(0), numbered(1)], { expect: 'no-stream' });
    const second = await store.append('a-2', [numbered(2)], { expect: 'no-stream' });
    const stored = [...(await store.read('a-1')), ...(await store.read('a-2'))];
    expect(stored.map(({ revision }) => revision)).toEqual([0, 1, 0]);
    expect(first).toEqual({ revision: 1, position: stored[1]?.position });
    expect(second).toEqual({ revision: 0, position: stored[2]?.position });
    expect(second.position).toBeGreaterThan(first.position);
    expect(stored[0]?.position).toBeGreaterThan(0);
  }),

  'answers when the events can be read, not before': opened(async (store) => {
    for (let n = 0; n < 5; n++) {
      const { position } = await store.append('a-1', [numbered(n)], { expect: n === 0 ? 'no-stream' : n - 1 });
      const [stream, all, head] = await Promise.all([store.read('a-1'), store.readAll({ after: position - 1, limit: 9 }), store.head()]);
      expect([stream.length, numbersOf(all), head]).toEqual([n + 1, [n], position]);
    }
  }),

  'keeps the order in which appends to a stream were asked for': opened(async (store) => {
    await Promise.all(times(50, (n) => store.append('a-1', [numbered(n)], { expect: n === 0 ? 'no-stream' : n - 1 })));
    expect(numbersOf(await store.read('a-1'))).toEqual(times(50, (n) => n));
  }),
} satisfies Promises<EventStoreSetting>;

const racing = {
  'lets one of twenty creators of a stream win': opened(async (store) => {
    const tries = await Promise.allSettled(times(20, (n) => store.append('a-1', [numbered(n)], { expect: 'no-stream' })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(tries.flatMap((tried) => (tried.status === 'rejected' ? [tried.reason] : [])).every(isConflict)).toBe(true);
    expect(numbersOf(await store.read('a-1'))).toEqual([tries.findIndex(({ status }) => status === 'fulfilled')]);
  }),

  'lets one of twenty writers at a revision win': opened(async (store) => {
    await store.append('a-1', [numbered(-1)], { expect: 'no-stream' });
    const tries = await Promise.allSettled(times(20, (n) => store.append('a-1', [numbered(n)], { expect: 0 })));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await store.read('a-1')).toHaveLength(2);
  }),

  'undoes nothing but the append that conflicts': opened(async (store) => {
    await store.append('taken-1', [numbered(-1)], { expect: 'no-stream' });
    const tries = await Promise.allSettled(
      times(30, (n) => store.append(n % 3 ? `a-${n}` : 'taken-1', [numbered(n), numbered(n)], { expect: 'no-stream' })),
    );
    for (const [n, { status }] of tries.entries()) {
      expect([n, status]).toEqual([n, n % 3 ? 'fulfilled' : 'rejected']);
      if (n % 3) expect(numbersOf(await store.read(`a-${n}`))).toEqual([n, n]);
    }
    expect(await store.read('taken-1')).toHaveLength(1);
  }),
} satisfies Promises<EventStoreSetting>;

const resending = {
  'answers a resend as the first time, and writes nothing': opened(async (store) => {
    const created = [numbered(0), numbered(1)];
    const changed = [numbered(2)];
    const answers = [
      await store.append('a-1', created, { expect: 'no-stream' }),
      await store.append('a-1', changed, { expect: 1 }),
      await store.append('a-1', created, { expect: 'no-stream' }),
      await store.append('a-1', changed, { expect: 1 }),
    ];
    expect(answers.slice(2)).toEqual(answers.slice(0, 2));
    expect(numbersOf(await store.read('a-1'))).toEqual([0, 1, 2]);
  }),

  'takes twenty resends at once for one append': opened(async (store) => {
    const events = [numbered(0), numbered(1)];
    const answers = await Promise.all(times(20, () => store.append('a-1', events, { expect: 'no-stream' })));
    expect(new Set(answers.map(({ revision, position }) => `${revision} ${position}`)).size).toBe(1);
    expect(numbersOf(await store.read('a-1'))).toEqual([0, 1]);
  }),

  'takes nothing for a resend that differs in any event': opened(async (store) => {
    const [first, second] = [numbered(0), numbered(1)];
    await store.append('a-1', [first, second], { expect: 'no-stream' });
    await refusedAsConflict(store.append('a-1', [first, numbered(1)], { expect: 'no-stream' }));
    await refusedAsConflict(store.append('a-1', [first, second, numbered(2)], { expect: 'no-stream' }));
    await refusedAsConflict(store.append('a-1', [second], { expect: 'no-stream' }));
    expect(numbersOf(await store.read('a-1'))).toEqual([0, 1]);
  }),

  'takes the same event in two streams for two events': opened(async (store) => {
    const event = numbered(0);
    await store.append('a-1', [event], { expect: 'no-stream' });
    await store.append('a-2', [event], { expect: 'no-stream' });
    expect([numbersOf(await store.read('a-1')), numbersOf(await store.read('a-2'))]).toEqual([[0], [0]]);
  }),
} satisfies Promises<EventStoreSetting>;

export const appendPromises: Promises<EventStoreSetting> = { ...expecting, ...answering, ...racing, ...resending };
