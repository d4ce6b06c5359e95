import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { WriterThread } from '@flexistream/sqlite';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { EventChanges } from '../port.ts';
import { drop, put } from '../projection.ts';
import { asEvent, written } from '../spec-support/letters.ts';
import { openDividedStore, type ServiceStore } from './index.ts';

const projection = { name: 'calls', version: 1, mode: 'following', collections: [{ name: 'calls', indexes: [] }] } as const;
const NAME = 'Jane Doe of Aix';

let folder: string;
let writers: readonly [WriterThread, WriterThread];
let store: ServiceStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-divided-'));
  writers = [new WriterThread(), new WriterThread()];
  const documents = { file: join(folder, 'views.db'), writer: writers[1] };
  store = await openDividedStore({ file: join(folder, 'log.db'), writer: writers[0], documents });
  await store.readModels.declare([projection]);
});
afterEach(async () => {
  await store.close();
  await Promise.all(writers.map((writer) => writer.close()));
  await rm(folder, { recursive: true });
});

const append = () => store.eventStore.append('call-1', [asEvent(written('1'))], { expect: 'any' });
const at = (position: number, change: ReturnType<typeof put>): EventChanges => ({ position, key: 'call-1', changes: [change] });
const filesHold = (text: string): boolean => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));

test('no append waits while documents are being written', async () => {
  const busy = new DatabaseSync(join(folder, 'views.db'));
  busy.exec('BEGIN IMMEDIATE');
  const order: string[] = [];
  const batch = store.readModels.apply(projection, [at(1, put('calls', '1', {}))], 1).then(() => order.push('batch'));
  await append().then(() => order.push('append'));
  busy.exec('COMMIT');
  busy.close();
  await batch;
  expect(order).toEqual(['append', 'batch']);
});

test('what was dropped is in no file any more', async () => {
  await append();
  await store.readModels.apply(projection, [at(1, put('calls', '1', { name: NAME }))], 1);
  expect(filesHold(NAME)).toBe(true);
  await store.readModels.apply(projection, [at(2, drop('calls', '1'))], 2);
  await store.truncate();
  expect(filesHold(NAME)).toBe(false);
});
