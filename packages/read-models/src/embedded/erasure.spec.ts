import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { WriterThread } from '@flexistream/sqlite';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { drop, patch, put } from '../projection.ts';
import { asEvent, written } from '../spec-support/letters.ts';
import { openServiceStore, type ServiceStore } from './index.ts';

const inline = { name: 'accounts', version: 1, mode: 'inline', collections: [{ name: 'accounts', indexes: [['name']] }] } as const;
const following = { ...inline, name: 'search', mode: 'following' } as const;
const NAME = 'Jane Doe of Aix';

let folder: string;
let writer: WriterThread;
let store: ServiceStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-erasure-'));
  writer = new WriterThread();
  store = await openServiceStore({ file: join(folder, 'accounts.db'), writer });
  await store.readModels.declare([inline, following]);
});
afterEach(async () => {
  await store.close();
  await writer.close();
  await rm(folder, { recursive: true });
});

const filesHold = (text: string): boolean => readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));
const untilGone = async (text: string): Promise<void> => {
  while (filesHold(text)) await setImmediate();
};
const change = (changed: ReturnType<typeof put>) =>
  store.eventStore.append('account-1', [asEvent(written('1'))], {
    expect: 'any',
    alongside: [{ projection: inline, changes: [[changed]] }],
  });

describe('a document that is dropped', () => {
  test('is gone from every file, its index and its former versions too, when an append drops it', async () => {
    await change(put('accounts', '1', { name: NAME, filler: 'x'.repeat(5_000) }));
    await change(patch('accounts', '1', { name: `${NAME} again` }));
    expect(filesHold(NAME)).toBe(true);
    await change(drop('accounts', '1'));
    await untilGone(NAME);
  });

  test('is gone when a batch drops it', async () => {
    await store.readModels.apply(following, [{ position: 1, key: 'account-1', changes: [put('accounts', '1', { name: NAME })] }], 1);
    expect(filesHold(NAME)).toBe(true);
    await store.readModels.apply(following, [{ position: 2, key: 'account-1', changes: [drop('accounts', '1')] }], 2);
    await untilGone(NAME);
  });

  test('is gone at once when that is asked for', async () => {
    await change(put('accounts', '1', { name: NAME }));
    await change(drop('accounts', '1'));
    await store.truncate();
    expect(filesHold(NAME)).toBe(false);
  });

  test('is gone with the version of the projection that held it', async () => {
    await change(put('accounts', '1', { name: NAME }));
    await store.readModels.keepOnly([following]);
    expect(filesHold(NAME)).toBe(false);
  });
});
