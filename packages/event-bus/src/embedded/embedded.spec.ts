import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fixedClock } from '@flexistream/kernel';
import { WriterThread } from '@flexistream/sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { eventOf } from '../contract.ts';
import type { ConsumeOptions, EventBus } from '../port.ts';
import { openEmbeddedBus } from './index.ts';

const writer = new WriterThread();
afterAll(() => writer.close());

const DAY = 24 * 3_600_000;
let folder: string;
let bus: EventBus;
let clock: ReturnType<typeof fixedClock>;

const open = async () => {
  bus = await openEmbeddedBus({ file: join(folder, 'bus.db'), writer, clock });
};
const reopen = async () => {
  await bus.close();
  await open();
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'event-bus-'));
  clock = fixedClock();
  await open();
});
afterEach(async () => {
  await bus.close();
  await rm(folder, { recursive: true });
});

/** What lies in the file, or a change made to it behind the bus's back. */
const inFile = <T>(work: (database: DatabaseSync) => T): T => {
  const database = new DatabaseSync(join(folder, 'bus.db'));
  try {
    return work(database);
  } finally {
    database.close();
  }
};

const read = async (group: string, more: Partial<ConsumeOptions> = {}): Promise<readonly number[]> => {
  const seen: number[] = [];
  const handle = async ({ sequence }: { sequence: number }) => void seen.push(sequence);
  const consumer = await bus.consume({ group, topics: ['topic'], handle, onFailure: () => ({ action: 'park' }), ...more });
  await consumer.caughtUp();
  await consumer.stop();
  return seen;
};

const events = (...sequences: number[]) => sequences.map((n) => eventOf('a', n));

describe('publishing', () => {
  test('the same events again delivers nothing twice', async () => {
    const first = events(0, 1);
    await bus.publish('topic', first);
    expect(await read('group')).toEqual([0, 1]);
    await bus.publish('topic', [...first, ...events(2)]);
    expect(await read('group')).toEqual([2]);
    expect(await read('another')).toEqual([0, 1, 2]);
  });

  test('is refused when the bus is closed', async () => {
    await bus.close();
    await expect(bus.publish('topic', events(0))).rejects.toMatchObject({ code: 'unavailable' });
    await expect(read('group')).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('retention', () => {
  test('drops after seven days what every group has consumed', async () => {
    await bus.publish('topic', events(0, 1));
    await read('group');
    clock.advance(6 * DAY);
    await bus.publish('topic', events(2));
    await read('group');
    await reopen();
    expect(await read('early')).toEqual([0, 1, 2]);
    clock.advance(DAY + 1);
    await reopen();
    expect(await read('late')).toEqual([2]);
  });

  test('keeps what a group has not consumed, however old', async () => {
    await bus.publish('topic', events(0, 1));
    await read('quick');
    const stuck = await bus.consume({
      group: 'stuck',
      topics: ['topic'],
      handle: () => Promise.reject(new Error('an outage')),
      onFailure: () => ({ action: 'retry', afterMs: 3_600_000 }),
    });
    await stuck.stop();
    clock.advance(100 * DAY);
    await reopen();
    await bus.publish('topic', events(2));
    expect(await read('stuck')).toEqual([0, 1, 2]);
    await reopen();
    expect(await read('late')).toEqual([2]);
  });

  test('drops what nobody ever asked for', async () => {
    await bus.publish('topic', events(0));
    clock.advance(7 * DAY + 1);
    await reopen();
    await reopen(); // closing waits for the trimming that opening began
    expect(inFile((database) => database.prepare('SELECT position FROM entries').all())).toEqual([]);
  });

  test('never gives a position out twice', async () => {
    await bus.publish('topic', events(0, 1, 2));
    await read('group');
    clock.advance(7 * DAY + 1);
    await reopen();
    await reopen();
    await bus.publish('topic', events(3));
    expect(await read('group')).toEqual([3]);
  });

  test('drops a long log in pieces', async () => {
    await bus.publish(
      'topic',
      Array.from({ length: 1_700 }, (_, n) => eventOf('a', n)),
    );
    clock.advance(7 * DAY + 1);
    await reopen();
    await reopen();
    expect(inFile((database) => database.prepare('SELECT count(*) AS left FROM entries').get())?.left).toBe(0);
  });
});

describe('consuming', () => {
  test('is refused when the log is shorter than what was read from it, until the group is rewound', async () => {
    await bus.publish('topic', events(0));
    await read('group');
    await bus.close();
    inFile((database) => database.exec('UPDATE offsets SET position = 7'));
    await open();
    await expect(read('group')).rejects.toMatchObject({
      code: 'event-bus/offset-beyond-end',
      message: expect.stringMatching(/group group has read topic up to 7, but it ends at 1: .* run the command `rewind`/),
    });
    expect(await read('another')).toEqual([0]);
    await bus.rewind('group');
    await bus.publish('topic', events(1));
    expect(await read('group')).toEqual([0, 1]);
  });

  test('parks what this release does not know, and what comes behind it', async () => {
    await bus.publish('topic', events(0, 1));
    inFile((database) => database.exec(`UPDATE entries SET body = json_set(body, '$.type', 'account.beamed-up.v1') WHERE position = 1`));
    expect(await read('group')).toEqual([]);
    expect((await bus.parked('group')).map(({ error }) => error)).toEqual([
      'Error: this release does not know such an event',
      'waits behind an earlier event of its key',
    ]);
  });

  test('keeps the offset durably when it says to be caught up', async () => {
    await bus.publish('topic', events(0, 1, 2));
    const consumer = await bus.consume({
      group: 'group',
      topics: ['topic'],
      handle: async () => undefined,
      onFailure: () => ({ action: 'park' }),
    });
    await consumer.caughtUp();
    expect(inFile((database) => database.prepare('SELECT position FROM offsets').all()).map((row) => row.position)).toEqual([3]);
  });

  test('that has ended says so to who waits for it', async () => {
    const consumer = await bus.consume({
      group: 'group',
      topics: ['topic'],
      handle: () => Promise.reject(new Error('an outage')),
      onFailure: () => ({ action: 'retry', afterMs: 3_600_000 }),
    });
    await bus.publish('topic', events(0));
    const waiting = expect(consumer.caughtUp()).rejects.toMatchObject({ code: 'event-bus/consumer-stopped' });
    await consumer.stop();
    await waiting;
  });

  test('hands over to a waiting consumer of the group, from where it was', async () => {
    const seen: string[] = [];
    const consume = (name: string) =>
      bus.consume({
        group: 'group',
        topics: ['topic'],
        handle: async ({ sequence }) => void seen.push(`${name} ${sequence}`),
        onFailure: () => ({ action: 'park' }),
      });
    const [first, second, third] = [await consume('first'), await consume('second'), await consume('third')];
    await bus.publish('topic', events(0));
    await third.caughtUp();
    await second.stop(); // one that waits need not wait to stop
    await first.stop();
    await bus.publish('topic', events(1));
    await third.caughtUp();
    expect(seen).toEqual(['first 0', 'third 1']);
  });
});

describe('parked events', () => {
  const fail = { handle: () => Promise.reject(new Error('no')) };

  test('need a running consumer to be done again', async () => {
    await bus.publish('topic', events(0));
    await read('group', fail);
    await expect(bus.retryParked('group', 'a')).rejects.toMatchObject({ code: 'event-bus/no-consumer' });
    expect(await bus.parked('group')).toHaveLength(1);
    expect(await bus.retryParked('group', 'unknown')).toBe(0);
  });

  test('outlive their topic', async () => {
    await bus.publish('topic', events(0));
    await read('group', fail);
    clock.advance(8 * DAY);
    await reopen();
    expect((await bus.parked('group')).map(({ event }) => event.sequence)).toEqual([0]);
  });

  test('keep no endless error', async () => {
    await bus.publish('topic', events(0));
    await read('group', { handle: () => Promise.reject(new Error('x'.repeat(10_000))) });
    expect((await bus.parked('group'))[0]?.error).toHaveLength(500);
  });
});
