import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessWriter, type Writer, WriterThread } from '@flexistream/sqlite';
import { afterAll } from '@jest/globals';
import { keyStoreContract } from '../contract.ts';
import { openEmbeddedKeyStore } from './index.ts';

const thread = new WriterThread();
afterAll(() => thread.close());

const inFolder = (writer: Writer) => async () => {
  const folder = await mkdtemp(join(tmpdir(), 'key-store-'));
  return {
    open: () => openEmbeddedKeyStore({ file: join(folder, 'accounts.keys.db'), writer }),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
};

keyStoreContract('SQLite behind the writer thread', inFolder(thread));
keyStoreContract('SQLite in process', inFolder(new InProcessWriter()));
