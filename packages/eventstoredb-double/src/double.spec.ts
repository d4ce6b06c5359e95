import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventStoreDBClient, jsonEvent, StreamNotFoundError, streamNameFilter, WrongExpectedVersionError } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type EventStoreDbDouble, startEventStoreDbDouble } from './index.ts';

// Through the client's own methods: the double is judged by the code that was written for the real server.
let folder: string;
let double: EventStoreDbDouble;
let client: EventStoreDBClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstoredb-double-'));
  double = await startEventStoreDbDouble({ folder });
  client = EventStoreDBClient.connectionString(double.url);
});
afterEach(async () => {
  await client.dispose();
  await double.stop();
  await rm(folder, { recursive: true });
});

const event = (n: number) => jsonEvent({ type: 'Counted', data: { n }, metadata: { by: 'spec' } });
const credentials = { username: 'admin', password: 'changeit' }; // makes the client append one call each
const numberIn = (data: unknown): unknown => (data as { n: number }).n;
const read = async (stream: string) => {
  const seen: unknown[] = [];
  for await (const { event: recorded } of client.readStream(stream)) seen.push(numberIn(recorded?.data));
  return seen;
};

describe.each([
  ['in batches', {}],
  ['one call each', { credentials }],
])('appends %s', (_, options) => {
  test('are taken at the revision that is expected, and at no other', async () => {
    const first = await client.appendToStream('s', [event(0), event(1)], { expectedRevision: 'no_stream', ...options });
    const second = await client.appendToStream('s', event(2), { expectedRevision: 1n, ...options });
    expect([first.nextExpectedRevision, second.nextExpectedRevision]).toEqual([1n, 2n]);
    expect(Number(second.position?.commit)).toBeGreaterThan(Number(first.position?.commit));
    for (const expectedRevision of ['no_stream', 1n, 7n] as const) {
      await expect(client.appendToStream('s', event(9), { expectedRevision, ...options })).rejects.toBeInstanceOf(
        WrongExpectedVersionError,
      );
    }
    await expect(client.appendToStream('t', event(9), { expectedRevision: 'stream_exists', ...options })).rejects.toMatchObject({
      actualVersion: 'no_stream',
    });
    expect(await read('s')).toEqual([0, 1, 2]);
  });

  test('that are repeated answer as the first time', async () => {
    const [one, two] = [event(0), event(1)];
    const first = await client.appendToStream('s', [one, two], { expectedRevision: 'no_stream', ...options });
    const second = await client.appendToStream('s', event(2), { expectedRevision: 'any', ...options });
    expect(await client.appendToStream('s', [one, two], { expectedRevision: 'no_stream', ...options })).toMatchObject(first);
    expect(await client.appendToStream('s', [one, two], { expectedRevision: 'any', ...options })).toMatchObject(first);
    await expect(client.appendToStream('s', [one, event(9)], { expectedRevision: 'no_stream', ...options })).rejects.toBeInstanceOf(
      WrongExpectedVersionError,
    );
    expect(second.nextExpectedRevision).toBe(2n);
    expect(await read('s')).toEqual([0, 1, 2]);
  });
});

describe('streams', () => {
  test('that are not there are not found', async () => {
    await expect(read('s')).rejects.toBeInstanceOf(StreamNotFoundError);
    await expect(client.deleteStream('s')).rejects.toBeInstanceOf(WrongExpectedVersionError);
  });

  test('that are deleted are not found, and go on after their last revision', async () => {
    await client.appendToStream('s', [event(0), event(1)]);
    await client.deleteStream('s', { expectedRevision: 1n });
    await expect(read('s')).rejects.toBeInstanceOf(StreamNotFoundError);
    await expect(client.appendToStream('s', event(9), { expectedRevision: 'stream_exists' })).rejects.toMatchObject({
      type: 'stream-deleted',
    });
    expect(await client.appendToStream('s', event(2), { expectedRevision: 'no_stream' })).toMatchObject({ nextExpectedRevision: 2n });
    expect(await read('s')).toEqual([2]);
  });

  test('read as their metadata says', async () => {
    await client.appendToStream('s', [event(0), event(1), event(2), event(3)]);
    await client.setStreamMetadata('s', { truncateBefore: 1 });
    expect(await read('s')).toEqual([1, 2, 3]);
    await client.setStreamMetadata('s', { maxCount: 2 });
    expect(await read('s')).toEqual([2, 3]);
    expect((await client.getStreamMetadata('s')).metadata).toEqual({ maxCount: 2 });
    await client.setStreamMetadata('s', { maxAge: 1 });
    while ((await read('s')).length > 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await expect(client.appendToStream('s', event(9), { expectedRevision: 'no_stream' })).rejects.toMatchObject({ actualVersion: 3n });
  });
});

describe('$all', () => {
  test('holds everything in order, also what is deleted, and reads both ways', async () => {
    await client.appendToStream('a', [event(0), event(1)]);
    await client.appendToStream('b', event(2));
    await client.deleteStream('a');
    const all = async (direction: 'forwards' | 'backwards') => {
      const seen: string[] = [];
      for await (const { event: recorded } of client.readAll({ direction, fromPosition: direction === 'forwards' ? 'start' : 'end' })) {
        seen.push(`${recorded?.streamId}@${recorded?.revision}`);
      }
      return seen;
    };
    expect(await all('forwards')).toEqual(['a@0', 'a@1', 'b@0', '$$a@0']);
    expect(await all('backwards')).toEqual((await all('forwards')).toReversed());
  });

  test('is followed through a filter, after a position', async () => {
    const { position } = await client.appendToStream('a-1', event(0));
    await client.appendToStream('b-1', event(1));
    await client.appendToStream('a-2', event(2));
    const subscription = client.subscribeToAll({ fromPosition: position ?? 'start', filter: streamNameFilter({ prefixes: ['a-'] }) });
    const seen: unknown[] = [];
    for await (const { event: recorded } of subscription) {
      seen.push(numberIn(recorded?.data));
      if (seen.length === 1) await client.appendToStream('a-3', event(3));
      if (seen.length === 2) break;
    }
    await subscription.unsubscribe();
    expect(seen).toEqual([2, 3]);
  });

  test('and all else is found again after a restart, but for the ids of appends without a revision', async () => {
    const one = event(0);
    await client.appendToStream('s', one, { expectedRevision: 'any' });
    await client.dispose();
    await double.stop();
    double = await startEventStoreDbDouble({ folder });
    client = EventStoreDBClient.connectionString(double.url);
    expect(await read('s')).toEqual([0]);
    await client.appendToStream('s', one, { expectedRevision: 'no_stream' });
    expect(await read('s')).toEqual([0]);
    await client.appendToStream('s', one, { expectedRevision: 'any' });
    expect(await read('s')).toEqual([0, 0]);
  });
});
