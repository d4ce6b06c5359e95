import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fixedClock } from '@flexistream/kernel';
import { WriterThread } from '@flexistream/sqlite';
import { afterAll, describe, expect, test } from '@jest/globals';
import { ephemeralContract } from '../contract.ts';
import { openEmbeddedEphemeral } from './index.ts';
import { MemoryEphemeral, type Value } from './memory.ts';
import type { Changes } from './program.ts';
import { WriteBehind } from './write-behind.ts';

const writer = new WriterThread();
afterAll(() => writer.close());

const arrange = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ephemeral-'));
  const clock = fixedClock();
  const file = join(folder, 'ephemeral.db');
  return {
    file,
    open: () => openEmbeddedEphemeral({ file, writer, clock, writeBehindMs: 20 }),
    pass: async (milliseconds: number) => clock.advance(milliseconds),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

ephemeralContract('Embedded', arrange);

/** Resolves when `holds` does; what it waits for is nobody's promise. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise(setImmediate);
};

test('a durable value is on disk soon after, without closing', async () => {
  await using setting = await arrange();
  const store = await setting.open();
  await store.set('key-use:1', '1767225600000', { ttl: 60_000, durable: true });
  const onDisk = new DatabaseSync(setting.file, { readOnly: true });
  const rows = onDisk.prepare('SELECT key, value FROM durable');
  await until(() => rows.all().length > 0);
  expect(rows.all().map((row) => ({ ...row }))).toEqual([{ key: 'key-use:1', value: '1767225600000' }]);
  onDisk.close();
  await store.close();
});

test('a value that is not durable is on no disk', async () => {
  await using setting = await arrange();
  const store = await setting.open();
  await store.set('secret', 'in memory only', { ttl: 60_000 });
  await store.close();
  const onDisk = new DatabaseSync(setting.file, { readOnly: true });
  expect(onDisk.prepare('SELECT key FROM durable').all()).toEqual([]);
  onDisk.close();
});

test('each life has another epoch', async () => {
  await using setting = await arrange();
  const first = await setting.open();
  const epoch = await first.epoch();
  await first.close();
  const second = await setting.open();
  expect(await second.epoch()).not.toBe(epoch);
  await second.close();
});

describe('memory', () => {
  const open = (limit: number) => {
    const clock = fixedClock();
    return { clock, store: new MemoryEphemeral({ clock, limit, remember: () => undefined }) };
  };

  test('is swept of what is over, a few at a time', async () => {
    const { clock, store } = open(1_000);
    for (let n = 0; n < 100; n++) {
      await store.set(`value-${n}`, '', { ttl: n < 50 ? 10 : 1_000 });
      await store.add(`sum-${n}`, 1, 10);
      await store.advance(`window-${n}`, 1, 64, 10);
    }
    clock.advance(500);
    store.sweep(20);
    expect(store.size).toBe(300 - 60);
    for (let n = 0; n < 6; n++) store.sweep(20);
    expect(store.size).toBe(50);
    await store.close();
  });

  test('is bounded: old values and sums make room', async () => {
    const { store } = open(10);
    for (let n = 0; n < 100; n++) {
      await store.set(`value-${n}`, String(n), { ttl: 1_000 });
      await store.once(`once-${n}`, 1_000);
      await store.add(`sum-${n}`, 1, 1_000);
    }
    expect(store.size).toBe(20);
    expect([await store.get('value-0'), await store.get('value-99')]).toEqual([undefined, '99']);
    await store.close();
  });

  test('refuses a new window rather than forgetting one', async () => {
    const { clock, store } = open(10);
    for (let n = 0; n < 10; n++) await store.advance(`window-${n}`, 1, 64, 1_000);
    await expect(store.advance('window-10', 1, 64, 1_000)).rejects.toMatchObject({ code: 'unavailable' });
    expect([await store.advance('window-0', 1, 64, 2_000), await store.advance('window-0', 2, 64, 2_000)]).toEqual(['seen', 'fresh']);
    clock.advance(1_500);
    store.sweep(100);
    expect(await store.advance('window-10', 1, 64, 1_000)).toBe('fresh');
    await store.close();
  });

  test('keeps no window wider than it can remember', async () => {
    const { store } = open(10);
    await expect(store.advance('a', 1, 65, 1_000)).rejects.toBeInstanceOf(RangeError);
    await store.close();
  });
});

describe('writing behind', () => {
  const value = (text: string): Value => ({ value: text, expiresAt: 1, durable: true });

  test('writes the last state of each key once', async () => {
    const written: Changes[] = [];
    const behind = new WriteBehind(async (changes) => void written.push(changes), fixedClock(0), 10);
    behind.remember('a', value('1'));
    behind.remember('a', value('2'));
    behind.remember('b', value('3'));
    behind.remember('b', undefined);
    await behind.flush();
    await behind.flush();
    expect(written).toEqual([{ kept: [{ key: 'a', value: '2', expiresAt: 1 }], gone: ['b'], now: 0 }]);
  });

  test('tries again what could not be written, the newest of each', async () => {
    const written: Changes[] = [];
    let failures = 2;
    const behind = new WriteBehind(
      async (changes) => {
        if (failures-- > 0) {
          behind.remember('a', value('newer'));
          throw new Error('disk full');
        }
        written.push(changes);
      },
      fixedClock(0),
      1,
    );
    behind.remember('a', value('old'));
    behind.remember('b', value('b'));
    await until(() => written.length > 0);
    const kept = written[0]?.kept.map(({ key, value: text }) => [key, text]).sort();
    expect(kept).toEqual([
      ['a', 'newer'],
      ['b', 'b'],
    ]);
  });
});
