import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { openDatabase, WriterThread } from '@flexistream/sqlite';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { KeyRecord, KeyStore } from '../port.ts';
import { openEmbeddedKeyStore } from './index.ts';
import { type KeyStoreOperations, open as openProgram } from './program.ts';

const writer = new WriterThread();
afterAll(() => writer.close());

let folder: string;
let store: KeyStore;
const open = () => openEmbeddedKeyStore({ file: join(folder, 'accounts.keys.db'), writer });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'erasure-'));
  store = await open();
});
afterEach(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});

const everyByte = async (): Promise<Buffer> =>
  Buffer.concat(await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name)))));

/** Short enough to find the part that an overwritten beginning would leave, long enough not to be there by chance. */
const BYTES = 8;
const DIGITS = 16;
const cut = (bytes: Uint8Array, size: number): Buffer[] => {
  const all = Buffer.from(bytes);
  return Array.from({ length: Math.floor(all.length / size) }, (_, n) => all.subarray(n * size, (n + 1) * size));
};
const digitsOf = ({ hash, owner }: KeyRecord): Buffer[] => [hash ?? '', owner ?? ''].flatMap((text) => cut(Buffer.from(text), DIGITS));
const tracesOf = (record: KeyRecord): Buffer[] => [...cut(record.body, BYTES), ...digitsOf(record)];

/** Every run of `size` bytes in every file. */
const windowsOf = (files: Buffer, size: number): Set<string> => {
  const windows = new Set<string>();
  for (let at = 0; at + size <= files.length; at++) windows.add(files.toString('latin1', at, at + size));
  return windows;
};
const found = (traces: Buffer[], windows: Set<string>): Buffer[] => traces.filter((trace) => windows.has(trace.toString('latin1')));

const hexOf = (text: string) => createHash('sha256').update(text).digest('hex');
const random = (id: string, more: Partial<KeyRecord> = {}): KeyRecord => ({
  id,
  body: randomBytes(40 + (id.length % 7) * 30),
  hash: hexOf(`hash ${id}`),
  owner: hexOf(`owner ${id}`),
  ...more,
});

describe('after a destruction', () => {
  test('no byte of body, hash or owner is in any file, and the WAL is empty', async () => {
    const [gone, kept] = [random('gone'), random('kept')];
    await store.create(gone);
    await store.create(kept);
    const before = await everyByte();
    expect([gone, kept].flatMap(tracesOf).filter((trace) => !before.includes(trace))).toEqual([]);

    await store.destroy('gone');
    const after = await everyByte();
    expect(tracesOf(gone).filter((trace) => after.includes(trace))).toEqual([]);
    expect(tracesOf(kept).filter((trace) => !after.includes(trace))).toEqual([]);
    expect((await stat(join(folder, 'accounts.keys.db-wal'))).size).toBe(0);
  });

  test('nothing is left of owned records either, nor of an owner that was set later', async () => {
    const device = random('device', { owner: 'person' });
    const part: KeyRecord = { id: 'part', body: randomBytes(64) };
    await Promise.all([store.create(random('person')), store.create(device), store.create(part)]);
    await store.setOwner('part', 'device');
    await store.destroy('person');
    const after = await everyByte();
    expect([device, part].flatMap(tracesOf).filter((trace) => after.includes(trace))).toEqual([]);
  });

  test('nothing is left among many records that moved between pages, destroyed in any order', async () => {
    const records = Array.from({ length: 3_000 }, (_, n) => random(hexOf(String(n)).slice(0, 20)));
    for (let from = 0; from < records.length; from += 250) {
      await Promise.all(records.slice(from, from + 250).map((record) => store.create(record)));
      const old = records.slice(Math.max(0, from - 250), from).filter((_, n) => n % 3 === 0);
      await Promise.all(old.map(({ id }) => store.destroy(id)));
    }
    const gone = new Set<KeyRecord>();
    for (const record of records) if (await store.isDestroyed(record.id)) gone.add(record);
    const files = await everyByte();
    const [bytes, digits] = [windowsOf(files, BYTES), windowsOf(files, DIGITS)];
    const leftOf = (record: KeyRecord) => [...found(cut(record.body, BYTES), bytes), ...found(digitsOf(record), digits)];
    const kept = records.filter((record) => !gone.has(record));
    expect(gone.size).toBeGreaterThan(500);
    expect([...gone].flatMap(leftOf)).toHaveLength(0);
    expect(kept.every((record) => leftOf(record).length > 0)).toBe(true); // the search does find what is there
  });

  test('nothing comes back when the store is opened again', async () => {
    const gone = random('gone');
    await store.create(gone);
    await store.destroy('gone');
    await store.close();
    store = await open();
    const after = await everyByte();
    expect(tracesOf(gone).filter((trace) => after.includes(trace))).toEqual([]);
  });
});

describe('the search finds what is left', () => {
  const gone = random('gone');
  const traces = async () => {
    const files = await everyByte();
    return tracesOf(gone).filter((trace) => files.includes(trace)).length;
  };

  test('when the WAL is not truncated', async () => {
    const program = new URL('./program.ts', import.meta.url);
    const database = await openDatabase<KeyStoreOperations>({ file: join(folder, 'other.keys.db'), writer, program });
    await database.run('create', gone);
    await database.run('destroy', 'gone');
    expect(await traces()).toBeGreaterThan(0);
    await database.truncate();
    expect(await traces()).toBe(0);
    await database.close();
  });

  test('when deletions do not overwrite', async () => {
    const database = new DatabaseSync(join(folder, 'other.keys.db'));
    database.exec('PRAGMA secure_delete=OFF');
    const { operations } = openProgram(database);
    operations.create(gone);
    operations.destroy('gone');
    database.close();
    expect(await traces()).toBeGreaterThan(0);
  });
});
