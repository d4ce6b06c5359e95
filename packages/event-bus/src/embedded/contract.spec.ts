import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WriterThread } from '@flexistream/sqlite';
import { afterAll } from '@jest/globals';
import { eventBusContract } from '../contract.ts';
import { openEmbeddedBus } from './index.ts';

const writer = new WriterThread();
afterAll(() => writer.close());

eventBusContract('Embedded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'event-bus-'));
  return {
    open: () => openEmbeddedBus({ file: join(folder, 'bus.db'), writer }),
    own: (name) => name,
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
});
