import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writer } from '@flexistream/sqlite';
import type { EventStoreSetting } from '../contract.ts';
import { openEventStore } from './index.ts';

/** A file in a folder of its own, removed afterwards. */
export const embeddedSetting =
  (makeWriter: () => Writer) => async (): Promise<EventStoreSetting & AsyncDisposable & { readonly folder: string }> => {
    const folder = await mkdtemp(join(tmpdir(), 'flexistream-event-store-'));
    const writer = makeWriter();
    return {
      folder,
      open: () => openEventStore({ file: join(folder, 'log.db'), writer }),
      [Symbol.asyncDispose]: async () => {
        await writer.close();
        await rm(folder, { recursive: true });
      },
    };
  };
