import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { type Database, InProcessWriter, openDatabase, type Writer, WriterThread } from './index.ts';
import type { SpecOperations } from './spec-program.ts';

const program = new URL('./spec-program.ts', import.meta.url);

let folder: string;
let writer: Writer;

const open = (name = 'a.db'): Promise<Database<SpecOperations>> => openDatabase({ file: join(folder, name), program, writer });
const texts = ({ reader }: Database<SpecOperations>): unknown[] =>
  reader.all<{ text: string }>('SELECT text FROM texts ORDER BY rowid').map(({ text }) => text);
const unavailable = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code: 'unavailable' });

const writers: Record<string, () => Writer> = {
  'the writer thread': () => new WriterThread(),
  'the writer without a thread': () => new InProcessWriter(),
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-sqlite-'));
});

afterEach(async () => {
  await writer.close();
  await rm(folder, { recursive: true });
});

describe.each(Object.entries(writers))('%s', (_, makeWriter) => {
  beforeEach(() => {
    writer = makeWriter();
  });

  test('runs what comes in one tick in one transaction, in order', async () => {
    const database = await open();
    const first = await Promise.all(['a', 'b', 'c'].map((text) => database.run('keep', text)));
    const second = await database.run('keep', 'd');
    expect([new Set(first).size, second]).toEqual([1, (first[0] ?? 0) + 1]);
    expect(texts(database)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('undoes an operation that throws alone, and keeps the code and plain fields of its error', async () => {
    const database = await open();
    const [before, thrown, after] = await Promise.allSettled([
      database.run('keep', 'a'),
      database.run('keepThenThrow', 'b'),
      database.run('keep', 'c'),
    ]);
    expect([before.status, after.status]).toEqual(['fulfilled', 'fulfilled']);
    expect(thrown).toMatchObject({ reason: { code: 'spec/refused', stream: 'a-1', message: 'not this one' } });
    expect((thrown as PromiseRejectedResult).reason).not.toHaveProperty('hidden');
    expect(texts(database)).toEqual(['a', 'c']);
  });

  test('lets a part of an operation fail', async () => {
    const database = await open();
    expect(await database.run('keepHalf', 'a')).toBe('undone');
    expect(texts(database)).toEqual(['a first']);
  });

  test('fails everything that waits for a COMMIT that fails, and answers nothing from then on', async () => {
    const database = await open();
    await database.run('keep', 'before');
    const waiting = [database.run('keep', 'a'), database.run('spoilCommit', null), database.run('keep', 'b')];
    await Promise.all(waiting.map(unavailable));
    await unavailable(database.run('keep', 'c'));
    await database.close();
    const reopened = await open();
    expect(texts(reopened)).toEqual(['before']);
    await reopened.run('keep', 'd');
  });

  test('writes many files, of which one may fail', async () => {
    const databases = await Promise.all(['a.db', 'b.db', 'c.db'].map(open));
    const [spoilt, ...others] = databases;
    await Promise.allSettled([spoilt?.run('spoilCommit', null), ...databases.map((database, n) => database.run('keep', `${n}`))]);
    expect(others.map(texts)).toEqual([['1'], ['2']]);
  });

  test('refuses an operation that it does not know', async () => {
    const database = (await open()) as unknown as Database<{ unknown: (input: null) => void }>;
    await expect(database.run('unknown', null)).rejects.toThrow('no operation unknown');
  });

  test('finishes what it accepted when it closes, then refuses', async () => {
    const database = await open();
    const kept = ['a', 'b'].map((text) => database.run('keep', text));
    await database.close();
    await Promise.all(kept);
    await unavailable(database.run('keep', 'c'));
    expect(() => texts(database)).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(texts(await open())).toEqual(['a', 'b']);
  });

  test('finishes all files when the writer is closed', async () => {
    const database = await open();
    const kept = database.run('keep', 'a');
    await writer.close();
    await kept;
    await unavailable(database.run('keep', 'b'));
  });

  test('leaves nothing of what was deleted in any file once the WAL is truncated', async () => {
    const database = await open();
    await database.run('keep', 'a name that must go');
    await database.run('keep', 'a name that stays');
    await database.run('forget', 'a name that must go');
    await Promise.all([database.truncate(), database.truncate()]);
    const bytes = readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'));
    expect(bytes.some((text) => text.includes('a name that stays'))).toBe(true);
    expect(bytes.some((text) => text.includes('a name that must go'))).toBe(false);
    expect(statSync(join(folder, 'a.db-wal')).size).toBe(0);
  });

  test('leaves one file when it is closed', async () => {
    const database = await open();
    await database.run('keep', 'a');
    expect(existsSync(join(folder, 'a.db-wal'))).toBe(true);
    await database.close();
    expect(readdirSync(folder)).toEqual(['a.db']);
  });

  test('syncs each commit, overwrites what is deleted, and lets nobody write but itself', async () => {
    const database = await open();
    const pragmas = ['journal_mode', 'synchronous', 'secure_delete'].map((name) => database.run('pragma', name));
    expect(await Promise.all(pragmas)).toEqual(['wal', 2, 1]);
    expect(() => database.reader.all(`INSERT INTO texts (text) VALUES ('a')`)).toThrow('readonly');
  });

  test('says so when a program or a file is not what it should be', async () => {
    await expect(
      openDatabase({ file: join(folder, 'a.db'), program: new URL('./no-program.ts', import.meta.url), writer }),
    ).rejects.toThrow();
    await expect(open('no/such/folder.db')).rejects.toThrow('unable to open database file');
  });
});

describe('the writer thread alone', () => {
  beforeEach(() => {
    writer = new WriterThread();
  });

  test('fails everything that waits when it dies, and everything later', async () => {
    const database = await open();
    await database.run('keep', 'a');
    await Promise.all([database.run('keep', 'b'), database.run('endThread', null)].map(unavailable));
    await unavailable(database.run('keep', 'c'));
    expect(texts(database)).toEqual(['a']);
    await database.close();
  });

  test('refuses alone what cannot cross to it', async () => {
    const database = await open();
    const uncloneable = (() => {}) as unknown as string;
    const [before, refused, after] = await Promise.allSettled(['a', uncloneable, 'b'].map((text) => database.run('keep', text)));
    expect([before?.status, refused?.status, after?.status]).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(texts(database)).toEqual(['a', 'b']);
  });
});
