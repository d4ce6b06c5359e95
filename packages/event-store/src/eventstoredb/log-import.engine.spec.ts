import type { Fault } from '@flexistream/eventstoredb-double';
import { startEventStoreDbDouble } from '@flexistream/eventstoredb-double';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { numbered, numbersOf, refusedAsConflict, times } from '../contract/setting.ts';
import { doubleForSpecs } from './engine-for-specs.ts';
import { connectEventStoreDb, type EventStoreDb, type EventStoreDbConnection, LogImport, openEventStoreDb } from './index.ts';

// Breaks on demand: this suite runs on the double alone.
let double: Awaited<ReturnType<typeof doubleForSpecs>>;
let connection: EventStoreDbConnection;
let store: EventStoreDb;
let into: LogImport;

beforeEach(async () => {
  double = await doubleForSpecs();
  connection = connectEventStoreDb(double.url);
  store = openEventStoreDb({ connection, prefixes: ['a-'], namespace: 'here.' });
  into = new LogImport({ connection, namespace: 'here.', window: 50, giveUpMs: 20_000 });
});
afterEach(async () => {
  await store.close();
  await connection.close();
  await double.stop();
});

/** Events of ten streams by turns: their order shows only in the log. */
const log = times(400, (n) => ({ stream: `a-${n % 10}`, revision: Math.floor(n / 10), events: [numbered(n)] }));
const inOrder = times(400, (n) => n);
/** Strikes when some are done and others under way. */
const midway = async (strike: () => void): Promise<void> => {
  let told = 0;
  await into.append(log, () => {
    if (++told === 20) strike();
  });
};
const stored = async () => numbersOf(await store.readAll({ after: 0, limit: 1_000 }));

describe('an imported log', () => {
  test('stands in its order and at its revisions, and is told as it comes', async () => {
    let told = 0;
    await into.append(log, (events) => {
      told += events;
    });
    expect([await stored(), told]).toEqual([inOrder, 400]);
    expect((await store.read('a-3')).map(({ revision }) => revision)).toEqual(times(40, (n) => n));
  });

  test('is the same when it is imported twice', async () => {
    await into.append(log.slice(0, 123));
    await into.append(log);
    expect(await stored()).toEqual(inOrder);
  });

  test('keeps its order when the connection breaks', async () => {
    await midway(() => double.cut());
    expect(await stored()).toEqual(inOrder);
  });

  test.each<Fault>([{ kind: 'cut', done: false }, { kind: 'cut', done: true }, { kind: 'delay', ms: 50 }, { kind: 'not-ready' }])(
    'is whole, each stream in its order, after %p',
    async (fault) => {
      await midway(() => double.faults.next('append', fault));
      expect(double.faults.struck).toBe(1);
      expect((await stored()).toSorted((a, b) => Number(a) - Number(b))).toEqual(inOrder);
      for (let n = 0; n < 10; n++) expect(numbersOf(await store.read(`a-${n}`))).toEqual(inOrder.filter((number) => number % 10 === n));
    },
  );

  test('waits for a server that is away', async () => {
    let restarting: Promise<unknown> | undefined;
    const { folder, port } = double;
    await into.append(log, () => {
      restarting ??= double.stopOnly().then(() => startEventStoreDbDouble({ folder, port }));
    });
    const restarted = (await restarting) as AsyncDisposable;
    try {
      expect(await stored()).toEqual(inOrder);
    } finally {
      await restarted[Symbol.asyncDispose]();
    }
  });

  test('does not go over what others wrote', async () => {
    await store.append('a-5', [numbered(-1)], { expect: 'no-stream' });
    await refusedAsConflict(into.append(log));
  });
});

describe('a stream that is buried', () => {
  const [first, second] = [numbered(0), numbered(1)];

  test('reads as empty and goes on after that revision', async () => {
    await into.append([{ stream: 'a-1', revision: 0, events: [first, second] }]);
    await into.bury('a-1', 1);
    await into.bury('a-1', 1);
    expect(await store.read('a-1')).toEqual([]);
    await into.append([{ stream: 'a-1', revision: 2, events: [numbered(2)] }]);
    expect((await store.read('a-1')).map(({ revision }) => revision)).toEqual([2]);
  });

  test('stays when it has gone on', async () => {
    const later = { stream: 'a-1', revision: 2, events: [numbered(2)] };
    await into.append([{ stream: 'a-1', revision: 0, events: [first, second] }]);
    await into.bury('a-1', 1);
    await into.append([later]);
    await into.append([{ stream: 'a-1', revision: 0, events: [first, second] }, later]);
    await into.bury('a-1', 1);
    expect(numbersOf(await store.read('a-1'))).toEqual([2]);
  });
});
