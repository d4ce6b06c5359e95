import type { Fault } from '@flexistream/eventstoredb-double';
import { startEventStoreDbDouble } from '@flexistream/eventstoredb-double';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { numbered, numbersOf, refusedAsConflict, times } from '../contract/setting.ts';
import { doubleForSpecs } from './engine-for-specs.ts';
import { connectEventStoreDb, type EventStoreDb, type EventStoreDbConnection, openEventStoreDb } from './index.ts';

// What the real server can be made to do only by accident, the double does on demand: this suite runs on the double alone.
let double: Awaited<ReturnType<typeof doubleForSpecs>>;
let connection: EventStoreDbConnection;
let store: EventStoreDb;
let broken: unknown[];

beforeEach(async () => {
  double = await doubleForSpecs();
  connection = connectEventStoreDb(double.url);
  broken = [];
  store = openEventStoreDb({ connection, prefixes: ['a-'], attemptMs: 300, giveUpMs: 1_500, onBroken: (error) => broken.push(error) });
});
afterEach(async () => {
  await store.close();
  await connection.close();
  await double.stop();
});

const END = -1;
const collect = async (from: EventStoreDb, after = 0, each: (count: number) => void = () => {}): Promise<unknown[]> => {
  const stopping = new AbortController();
  const seen: unknown[] = [];
  for await (const events of from.subscribe({ after, signal: stopping.signal, batch: 7 })) {
    seen.push(...numbersOf(events));
    each(seen.length);
    if (seen.includes(END)) stopping.abort();
  }
  return seen;
};
const end = () => store.append('a-end', [numbered(END)], { expect: 'any' });

const unknownOutcomes: Readonly<Record<string, Fault>> = {
  'the connection is cut before it is done': { kind: 'cut', done: false },
  'the connection is cut after it is done': { kind: 'cut', done: true },
  'nobody answers, though it is done': { kind: 'silence' },
  'the time is over, and it is not done': { kind: 'deadline-exceeded', done: false },
  'the time is over, though it is done': { kind: 'deadline-exceeded', done: true },
  'the node is unavailable': { kind: 'unavailable' },
  'the node is not ready': { kind: 'not-ready' },
  'another node is the leader': { kind: 'not-leader', host: 'localhost' },
  'the answer is late': { kind: 'delay', ms: 350 },
};

describe('an append', () => {
  test.each(Object.entries(unknownOutcomes))('is done once when %s', async (_, fault) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    double.faults.next('append', fault);
    const events = [numbered(1), numbered(2)];
    const answer = await store.append('a-1', events, { expect: 0 });
    const stored = await store.read('a-1');
    expect(double.faults.struck).toBe(1);
    expect(numbersOf(stored)).toEqual([0, 1, 2]);
    expect(answer).toEqual({ revision: 2, position: stored[2]?.position });
  });

  test.each(['no-stream', 'any', 'stream-exists'] as const)('that expects %s is done once when its answer is lost', async (expected) => {
    if (expected === 'stream-exists') await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    double.faults.next('append', { kind: 'cut', done: true });
    await store.append('a-1', [numbered(1)], { expect: expected });
    expect(numbersOf(await store.read('a-1')).filter((number) => number === 1)).toEqual([1]);
  });

  test('is a resend when the server refuses it, but holds its very events', async () => {
    const events = [numbered(0), numbered(1)];
    const first = await store.append('a-1', events, { expect: 'no-stream' });
    double.faults.next('append', { kind: 'wrong-expected-version' });
    expect(await store.append('a-1', events, { expect: 'no-stream' })).toEqual(first);
    double.faults.next('append', { kind: 'wrong-expected-version' });
    await refusedAsConflict(store.append('a-1', [numbered(2)], { expect: 1 }));
    expect(numbersOf(await store.read('a-1'))).toEqual([0, 1]);
  });

  test('is done once, with two hundred others on their way, when the connection is cut twice', async () => {
    const faults = times(60, (): Fault => ({ kind: 'delay', ms: 1 }));
    double.faults.next('append', ...faults, { kind: 'cut', done: true }, ...faults, { kind: 'cut', done: false });
    await Promise.all(times(200, (n) => store.append(`a-${n}`, [numbered(n)], { expect: 'no-stream' })));
    const all = await store.readAll({ after: 0, limit: 1_000 });
    expect(double.faults.struck).toBe(122);
    expect(numbersOf(all).toSorted((a, b) => Number(a) - Number(b))).toEqual(times(200, (n) => n));
  });

  test('is done once when a read has moved the client to another channel meanwhile', async () => {
    double.faults.next('append', { kind: 'delay', ms: 150 }, { kind: 'delay', ms: 200 });
    double.faults.next('read', { kind: 'unavailable' });
    const first = store.append('a-1', [numbered(1)], { expect: 'no-stream' });
    await store.head();
    const second = store.append('a-2', [numbered(2)], { expect: 'no-stream' });
    await first;
    double.cut();
    await second;
    expect([numbersOf(await store.read('a-1')), numbersOf(await store.read('a-2'))]).toEqual([[1], [2]]);
  });

  test('is unavailable when nobody can be reached, and is done once when it is sent again later', async () => {
    await store.head();
    const events = [numbered(0)];
    double.hold();
    const begun = Date.now();
    await expect(store.append('a-1', events, { expect: 'no-stream' })).rejects.toMatchObject({ code: 'unavailable' });
    expect(Date.now() - begun).toBeLessThan(2_000);
    await expect(store.read('a-1')).rejects.toMatchObject({ code: 'unavailable' });
    double.release();
    await store.append('a-1', events, { expect: 'no-stream' });
    expect(numbersOf(await store.read('a-1'))).toEqual([0]);
  });

  test('outside the prefixes of the service is refused', async () => {
    await expect(store.append('b-1', [numbered(0)], { expect: 'any' })).rejects.toBeInstanceOf(RangeError);
  });
});

describe('a read', () => {
  test.each(Object.entries(unknownOutcomes))('is done again when %s', async (_, fault) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    double.faults.next('read', fault, fault);
    expect(numbersOf(await store.read('a-1'))).toEqual([0]);
    expect(double.faults.struck).toBe(2);
  });

  test('sees the streams of its service only', async () => {
    const other = openEventStoreDb({ connection, prefixes: ['b-'] });
    const { position } = await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await other.append('b-1', [numbered(1)], { expect: 'no-stream' });
    expect([numbersOf(await store.readAll({ after: 0, limit: 9 })), await store.head()]).toEqual([[0], position]);
    await other.close();
    expect(numbersOf(await store.read('a-1'))).toEqual([0]);
  });
});

describe('a removal', () => {
  test.each(Object.entries(unknownOutcomes))('is done when %s', async (_, fault) => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    double.faults.next('delete', fault);
    await store.remove('a-1');
    expect([await store.read('a-1'), double.faults.struck]).toEqual([[], 1]);
    expect(await store.append('a-1', [numbered(1)], { expect: 'no-stream' })).toMatchObject({ revision: 1 });
  });
});

describe('a subscription', () => {
  const openings: Readonly<Record<string, Fault>> = {
    'the node is unavailable': { kind: 'unavailable' },
    'the connection is cut': { kind: 'cut', done: false },
    'another node is the leader': { kind: 'not-leader', host: 'localhost' },
  };

  test.each(Object.entries(openings))('opens at last when %s at first', async (_, fault) => {
    double.faults.next('subscribe', fault, fault);
    const seen = collect(store);
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await end();
    expect(await seen).toEqual([0, END]);
    expect([double.faults.struck, broken.length]).toEqual([2, 2]);
  });

  test('that is dropped and cut again and again misses nothing and repeats nothing', async () => {
    let breaks = 0;
    const seen = collect(store, 0, (count) => {
      if (count < 40 * (breaks + 1) || breaks >= 4) return;
      if (breaks++ % 2 === 0) double.dropSubscriptions();
      else double.cut();
    });
    const other = openEventStoreDb({ connection, prefixes: ['b-'] });
    for (let n = 0; n < 240; n += 10) {
      await Promise.all(times(10, (more) => other.append('b-1', [numbered(more)], { expect: 'any' })));
      await store.append(
        `a-${n % 3}`,
        times(10, (more) => numbered(n + more)),
        { expect: 'any' },
      );
    }
    await end();
    expect(await seen).toEqual([...times(240, (n) => n), END]);
    expect([breaks, broken.length > 0]).toEqual([4, true]);
  });

  test('that breaks behind a checkpoint misses nothing that comes after', async () => {
    const other = openEventStoreDb({ connection, prefixes: ['b-'] });
    const { position } = await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    const seen = collect(store, position);
    await Promise.all(times(110, () => other.append('b-1', times(100, numbered), { expect: 'any' })));
    await store.append('a-1', [numbered(1)], { expect: 0 });
    expect(double.dropSubscriptions()).toBe(1);
    await end();
    expect(await seen).toEqual([1, END]);
  });

  test('goes on when the server was away and comes back', async () => {
    const { folder, port } = double;
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    const first = Promise.withResolvers<void>();
    const seen = collect(store, 0, () => first.resolve());
    await first.promise;
    await double.stopOnly();
    await expect(store.append('a-1', [numbered(1)], { expect: 0 })).rejects.toMatchObject({ code: 'unavailable' });
    await using again = await startEventStoreDbDouble({ folder, port });
    expect(again.port).toBe(port);
    await store.append('a-1', [numbered(2)], { expect: 0 });
    await end();
    expect(await seen).toEqual([0, 2, END]);
    await store.close();
    await connection.close();
  });
});

describe('a stream that expires', () => {
  const whenGone = async () => {
    while ((await store.read('a-1')).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  };

  test('goes with all its events, and begins anew for one of twenty writers', async () => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.append('a-1', [numbered(1)], { expect: 0 });
    await store.expire('a-1', Date.now() + 300);
    expect(numbersOf(await store.read('a-1'))).toEqual([0, 1]);
    await whenGone();
    expect([await store.read('a-1', { from: 1 }), await store.read('a-1', { direction: 'backwards', limit: 1 })]).toEqual([[], []]);
    const tries = await Promise.allSettled(times(20, (n) => store.append('a-1', [numbered(n)], { expect: 'no-stream' })));
    expect(
      tries.filter(({ status }) => status === 'fulfilled').map((tried) => (tried.status === 'fulfilled' ? tried.value.revision : -1)),
    ).toEqual([2]);
    expect(numbersOf(await store.read('a-1'))).toEqual([tries.findIndex(({ status }) => status === 'fulfilled')]);
  });

  test('does not bring back a former life that was removed', async () => {
    await store.append('a-1', [numbered(0)], { expect: 'no-stream' });
    await store.remove('a-1');
    await store.append('a-1', [numbered(1)], { expect: 'no-stream' });
    await store.expire('a-1', Date.now() + 3_600_000);
    expect(numbersOf(await store.read('a-1'))).toEqual([1]);
    await store.remove('a-1');
    await store.append('a-1', [numbered(2)], { expect: 'no-stream' });
    expect(numbersOf(await store.read('a-1'))).toEqual([2]);
  });
});
