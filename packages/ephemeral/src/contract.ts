import { type Arrange, describeContract, type Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { Ephemeral } from './port.ts';

export interface EphemeralSetting {
  /** Each `open` opens a store on the same engine; the check closes one before it opens the next. */
  open(): Promise<Ephemeral>;
  /** Lets that many milliseconds go by: moves the clock where there is one, waits where there is none. */
  pass(milliseconds: number): Promise<void>;
}

export const ephemeralContract = (name: string, arrange: Arrange<EphemeralSetting>): void =>
  describeContract(`${name} as an ephemeral store`, ephemeralPromises, arrange);

interface Time {
  readonly pass: (milliseconds: number) => Promise<void>;
  readonly reopen: () => Promise<Ephemeral>;
}

const opened = (check: (store: Ephemeral, time: Time) => Promise<void>) => async (setting: EphemeralSetting) => {
  let store = await setting.open();
  const reopen = async () => {
    await store.close();
    store = await setting.open();
    return store;
  };
  try {
    await check(store, { pass: (milliseconds) => setting.pass(milliseconds), reopen });
  } finally {
    await store.close();
  }
};

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const SHORT = 1_000;
const LONG = 600_000;

const values = {
  'gives back what was set last, and nothing unknown': opened(async (store) => {
    await store.set('a', 'one', { ttl: LONG });
    await store.set('a', 'two', { ttl: LONG });
    await store.set('b', '', { ttl: LONG });
    expect([await store.get('a'), await store.get('b'), await store.get('c')]).toEqual(['two', '', undefined]);
  }),

  'forgets a value when its time is over, not before': opened(async (store, { pass }) => {
    await store.set('a', 'short', { ttl: SHORT });
    await store.set('b', 'long', { ttl: LONG });
    await pass(SHORT / 2);
    expect(await store.get('a')).toBe('short');
    await pass(SHORT);
    expect([await store.get('a'), await store.take('a'), await store.get('b')]).toEqual([undefined, undefined, 'long']);
  }),

  'starts the time anew with each setting': opened(async (store, { pass }) => {
    await store.set('a', 'short', { ttl: SHORT });
    await store.set('a', 'longer', { ttl: LONG });
    await pass(SHORT * 1.5);
    expect(await store.get('a')).toBe('longer');
  }),

  'removes a value, a sum and a window': opened(async (store) => {
    await Promise.all([store.set('a', 'x', { ttl: LONG }), store.add('b', 5, LONG), store.advance('c', 5, 64, LONG)]);
    await Promise.all(['a', 'b', 'c', 'unknown'].map((key) => store.remove(key)));
    expect([await store.get('a'), (await store.add('b', 1, LONG)).value, await store.advance('c', 5, 64, LONG)]).toEqual([
      undefined,
      1,
      'fresh',
    ]);
  }),

  'gives a value to one of twenty takers': opened(async (store) => {
    await store.set('a', 'x', { ttl: LONG });
    const taken = await Promise.all(times(20, () => store.take('a')));
    expect(taken.filter((value) => value !== undefined)).toEqual(['x']);
    expect(await store.get('a')).toBeUndefined();
  }),

  'keeps a durable value over a restart, and its time': opened(async (store, { pass, reopen }) => {
    await store.set('a', 'old', { ttl: LONG, durable: true });
    await store.set('a', 'x', { ttl: LONG, durable: true });
    await store.set('b', 'y', { ttl: SHORT, durable: true });
    await Promise.all(times(50, (n) => store.set(`many-${n}`, String(n), { ttl: LONG, durable: true })));
    const next = await reopen();
    expect(await next.get('a')).toBe('x');
    expect(await Promise.all(times(50, (n) => next.get(`many-${n}`)))).toEqual(times(50, String));
    await pass(SHORT * 1.5);
    expect([await next.get('a'), await next.get('b'), await (await reopen()).get('b')]).toEqual(['x', undefined, undefined]);
  }),

  'does not bring a durable value back that was removed, taken or set anew': opened(async (store, { reopen }) => {
    await Promise.all(['a', 'b', 'c'].map((key) => store.set(key, 'x', { ttl: LONG, durable: true })));
    const next = await reopen();
    await next.remove('a');
    await next.take('b');
    await next.set('c', 'y', { ttl: LONG });
    const last = await reopen();
    expect([await last.get('a'), await last.get('b')]).toEqual([undefined, undefined]);
    expect(await last.get('c')).not.toBe('x');
  }),
} satisfies Promises<EphemeralSetting>;

const counting = {
  'says once to one of twenty callers, and again when the time is over': opened(async (store, { pass }) => {
    expect((await Promise.all(times(20, () => store.once('a', SHORT)))).filter(Boolean)).toHaveLength(1);
    expect([await store.once('a', SHORT), await store.once('b', SHORT)]).toEqual([false, true]);
    await pass(SHORT * 1.5);
    expect(await store.once('a', SHORT)).toBe(true);
  }),

  'does not prolong once by asking': opened(async (store, { pass }) => {
    await store.once('a', SHORT);
    await pass(SHORT * 0.75);
    expect(await store.once('a', SHORT)).toBe(false);
    await pass(SHORT * 0.75);
    expect(await store.once('a', SHORT)).toBe(true);
  }),

  'loses none of fifty additions': opened(async (store) => {
    const sums = await Promise.all(times(50, () => store.add('a', 2, LONG)));
    expect(sums.map(({ value }) => value).sort((a, b) => a - b)).toEqual(times(50, (n) => 2 * n + 2));
    expect((await store.add('a', -30, LONG)).value).toBe(70);
  }),

  'starts the time of a sum with its first addition': opened(async (store, { pass }) => {
    const first = await store.add('a', 1, SHORT);
    expect(first.expiresIn).toBeGreaterThan(SHORT * 0.5);
    expect(first.expiresIn).toBeLessThanOrEqual(SHORT);
    await pass(SHORT * 0.6);
    const second = await store.add('a', 1, SHORT);
    expect(second.value).toBe(2);
    expect(second.expiresIn).toBeLessThanOrEqual(SHORT * 0.4);
    expect(second.expiresIn).toBeGreaterThan(0);
    await pass(SHORT * 0.6);
    expect((await store.add('a', 1, SHORT)).value).toBe(1);
  }),
} satisfies Promises<EphemeralSetting>;

const advancing = {
  'takes each counter value once, also those that were overtaken': opened(async (store) => {
    const tries = [1, 2, 2, 5, 4, 3, 4, 1, 6];
    const taken = [];
    for (const value of tries) taken.push(await store.advance('a', value, 64, LONG));
    expect(taken).toEqual(['fresh', 'fresh', 'seen', 'fresh', 'fresh', 'fresh', 'seen', 'seen', 'fresh']);
    expect(await store.advance('b', 1, 64, LONG)).toBe('fresh');
  }),

  'takes nothing from below the window': opened(async (store) => {
    await store.advance('a', 100, 64, LONG);
    expect([await store.advance('a', 36, 64, LONG), await store.advance('a', 35, 64, LONG), await store.advance('a', 1, 64, LONG)]).toEqual(
      ['fresh', 'seen', 'seen'],
    );
    await store.advance('b', 100, 8, LONG);
    expect([await store.advance('b', 92, 8, LONG), await store.advance('b', 91, 8, LONG)]).toEqual(['fresh', 'seen']);
  }),

  'remembers what was taken when the highest rises': opened(async (store) => {
    for (const value of [10, 9, 42, 70]) expect(await store.advance('a', value, 64, LONG)).toBe('fresh');
    for (const value of [10, 9, 42, 70]) expect(await store.advance('a', value, 64, LONG)).toBe('seen');
    for (const value of [8, 11, 41, 43, 69]) expect(await store.advance('a', value, 64, LONG)).toBe('fresh');
  }),

  'takes counters of eight hex digits': opened(async (store) => {
    expect([await store.advance('a', 0x7fffffff, 64, LONG), await store.advance('a', 0xffffffff, 64, LONG)]).toEqual(['fresh', 'fresh']);
    expect([await store.advance('a', 0xfffffffe, 64, LONG), await store.advance('a', 0xffffffff, 64, LONG)]).toEqual(['fresh', 'seen']);
  }),

  'lets each of sixty values in once, sent five times in parallel': opened(async (store) => {
    const sent = times(5, () => times(60, (n) => n + 1)).flat();
    const mixed = sent.map((value, index) => ({ value, order: (index * 7919) % sent.length })).sort((a, b) => a.order - b.order);
    const taken = await Promise.all(mixed.map(({ value }) => store.advance('a', value, 64, LONG).then((how) => ({ value, how }))));
    const fresh = taken.filter(({ how }) => how === 'fresh').map(({ value }) => value);
    expect(fresh.sort((a, b) => a - b)).toEqual(times(60, (n) => n + 1));
  }),

  'remembers a window as long as it is used': opened(async (store, { pass }) => {
    await store.advance('a', 1, 64, SHORT);
    await pass(SHORT * 0.75);
    expect(await store.advance('a', 2, 64, SHORT)).toBe('fresh');
    await pass(SHORT * 0.75);
    expect(await store.advance('a', 1, 64, SHORT)).toBe('seen');
    await pass(SHORT * 1.5);
    expect(await store.advance('a', 1, 64, SHORT)).toBe('fresh');
  }),

  'has one epoch, and another one after windows were lost': opened(async (store, { reopen }) => {
    const epochs = await Promise.all(times(10, () => store.epoch()));
    expect(new Set(epochs).size).toBe(1);
    expect(epochs[0]).toMatch(/^.{16,}$/);
    await store.advance('a', 1, 64, LONG);
    const next = await reopen();
    const lost = (await next.advance('a', 1, 64, LONG)) === 'fresh';
    expect({ lost, sameEpoch: (await next.epoch()) === epochs[0] }).not.toEqual({ lost: true, sameEpoch: true });
  }),
} satisfies Promises<EphemeralSetting>;

export const ephemeralPromises: Promises<EphemeralSetting> = { ...values, ...counting, ...advancing };
