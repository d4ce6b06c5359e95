import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventStore } from '@flexistream/event-store';
import { openEventStore, openLogAtRest } from '@flexistream/event-store/embedded';
import { connectEventStoreDb, type EventStoreDbConnection, LogImport, openEventStoreDb } from '@flexistream/event-store/eventstoredb';
import { fixedClock, type NewEvent, sequence, stamp, uuidv7 } from '@flexistream/kernel';
import { InProcessWriter } from '@flexistream/sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { copyLog, proveLog } from './move-log.ts';
import { lengthOf } from './moved-log.ts';

const url = process.env.EVENTSTORE_URL;
const DAY = 86_400_000;
const event = (number: number): NewEvent => ({
  id: uuidv7(),
  type: 'Counted',
  schema: 3,
  data: { number, text: 'ü€"\\\u0000' },
  metadata: { command: uuidv7(), correlation: uuidv7(), actor: 'account:7', space: 's', at: '2026-01-01T00:00:00.000Z' },
});
const context = () => ({ id: uuidv7(), correlation: uuidv7(), actor: 'public', at: '2026-01-01T00:00:00.000Z' });
const nothing = () => {};
const none = () => false;

let namespaces = 0;

/** A log in a file, as `write` leaves it, and a place on the engine to move it to. */
const setting = async (connection: EventStoreDbConnection, write: (store: EventStore, now: number) => Promise<void>) => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-move-'));
  const clock = fixedClock(Date.now());
  const writer = new InProcessWriter();
  const file = join(folder, 'log.db');
  const open = () => openEventStore({ file, writer, clock });
  const written = await open();
  await write(written, clock());
  await written.close();
  const namespace = `move${process.pid}-${Date.now()}-${namespaces++}.`;
  const log = openLogAtRest(file);
  const target = openEventStoreDb({ connection, prefixes: ['a-'], namespace });
  return {
    log,
    target,
    open,
    clock,
    copy: () => copyLog(log, target, new LogImport({ connection, namespace }), nothing),
    [Symbol.asyncDispose]: async () => {
      log.close();
      await target.close();
      await writer.close();
      await rm(folder, { recursive: true });
    },
  };
};

const contents = async (store: EventStore, stream: string) => (await store.read(stream)).map(({ position: _, ...rest }) => rest);

describe.each(url === undefined ? [] : [url])('a log that is moved to %s', (address) => {
  let connection: EventStoreDbConnection;
  beforeAll(() => {
    connection = connectEventStoreDb(address);
  });
  afterAll(() => connection.close());

  test('holds the same events at the same revisions in the same order', async () => {
    await using place = await setting(connection, async (store) => {
      for (let n = 0; n < 30; n++) {
        const expect = n < 3 ? 'no-stream' : 2 * Math.floor(n / 3) - 1;
        await store.append(`a-${n % 3}`, [event(2 * n), event(2 * n + 1)], { expect });
      }
    });
    await place.copy();
    await place.copy();
    const { relayed } = await proveLog(place.log, place.target, none);
    expect(relayed).toBe(await place.target.head());
    const source = await place.open();
    for (const stream of ['a-0', 'a-1', 'a-2']) expect(await contents(place.target, stream)).toEqual(await contents(source, stream));
    expect(await place.target.readAll({ after: 0, limit: 100 })).toHaveLength(60);
    await source.close();
  });

  test('keeps what was removed away, with its revisions, and lets each stream go on as it would have', async () => {
    await using place = await setting(connection, async (store, now) => {
      for (const stream of ['a-gone', 'a-again', 'a-ended', 'a-later', 'a-kept'])
        await store.append(stream, [event(1), event(2)], { expect: 'no-stream' });
      await store.remove('a-gone');
      await store.remove('a-again');
      await store.append('a-again', [event(3)], { expect: 'no-stream' });
      await store.expire('a-ended', now - DAY);
      await store.expire('a-later', now + DAY);
      await store.append('a-kept', [event(4)], { expect: 1 });
    });
    await place.copy();
    await place.copy();
    await proveLog(place.log, place.target, none);
    const source = await place.open();
    for (const stream of ['a-gone', 'a-again', 'a-ended', 'a-later', 'a-kept', 'a-never']) {
      expect([stream, await contents(place.target, stream)]).toEqual([stream, await contents(source, stream)]);
      const outcomes = async (store: EventStore) => {
        const tries = [];
        for (const expectation of ['stream-exists', 7, 'no-stream'] as const) {
          const answer = store.append(stream, [event(9)], { expect: expectation });
          tries.push(
            await answer.then(
              ({ revision }) => revision,
              (error: { code: string }) => error.code,
            ),
          );
        }
        return tries;
      };
      expect([stream, await outcomes(place.target)]).toEqual([stream, await outcomes(source)]);
    }
    await source.close();
  });

  test('gives no id of a sequence out twice', async () => {
    const before: number[] = [];
    await using place = await setting(connection, async (store) => {
      const ids = sequence({ ...journalOf(store) }, 'a-ids', 5);
      for (let n = 0; n < 7; n++) before.push(await ids.next(context()));
    });
    await place.copy();
    const after = await sequence(journalOf(place.target), 'a-ids', 5).next(context());
    expect([Math.max(...before), after]).toEqual([7, 11]);
  });

  test('goes on where it was cut off, and refuses what is not its own', async () => {
    await using place = await setting(connection, async (store) => {
      await store.append('a-gone', [event(0)], { expect: 'no-stream' });
      await store.remove('a-gone');
      for (let n = 0; n < 10; n++) await store.append('a-1', [event(n)], { expect: n === 0 ? 'no-stream' : n - 1 });
    });
    await place.copy();
    expect(await place.target.readAll({ after: 0, limit: 100 })).toHaveLength(lengthOf(place.log));
    const ahead = stamp([{ type: 'Counted', data: {} }], 'a-1', context(), () => 1);
    await place.target.append('a-1', ahead, { expect: 9 });
    await expect(place.copy()).rejects.toMatchObject({ code: 'service-host/move-refused' });
    await expect(proveLog(place.log, place.target, none)).rejects.toMatchObject({ code: 'service-host/move-refused' });
  });

  test('is relayed from the first event that others have not heard', async () => {
    await using place = await setting(connection, async (store) => {
      for (let n = 0; n < 6; n++) await store.append('a-1', [event(n)], { expect: n === 0 ? 'no-stream' : n - 1 });
    });
    await place.copy();
    const positions = (await place.target.readAll({ after: 0, limit: 10 })).map(({ position }) => position);
    const placeBefore = async (number: number) =>
      (await proveLog(place.log, place.target, (one) => (one.event.data as { number: number }).number >= number)).relayed;
    expect([await placeBefore(0), await placeBefore(4), await placeBefore(99)]).toEqual([0, positions[3], positions[5]]);
  });

  test('is not proven while events lack', async () => {
    await using place = await setting(connection, async (store) => {
      await store.append('a-1', [event(0)], { expect: 'no-stream' });
    });
    await expect(proveLog(place.log, place.target, none)).rejects.toMatchObject({ code: 'service-host/move-differs' });
  });
});

if (url === undefined) test.skip('a log that is moved: without EVENTSTORE_URL', () => {});

const journalOf = (store: EventStore) => ({
  read: (stream: string) => store.read(stream),
  last: async (stream: string) => (await store.read(stream, { direction: 'backwards', limit: 1 }))[0],
  append: (stream: string, events: readonly NewEvent[], options: { expect: Parameters<EventStore['append']>[2]['expect'] }) =>
    store.append(stream, events, { expect: options.expect }),
});
