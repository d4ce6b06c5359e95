import { join } from 'node:path';
import type { ServiceName } from '@flexistream/contracts';
import { openEmbeddedEphemeral } from '@flexistream/ephemeral/embedded';
import { openEmbeddedBus } from '@flexistream/event-bus/embedded';
import type { Clock } from '@flexistream/kernel';
import { loadMasterKey } from '@flexistream/key-store';
import { openEmbeddedKeyStore } from '@flexistream/key-store/embedded';
import { openServiceStore } from '@flexistream/read-models/embedded';
import { DataFolder, InProcessWriter, type Writer, WriterThread } from '@flexistream/sqlite';
import type { Infrastructure } from './infrastructure.ts';

export interface EmbeddedOptions {
  readonly folder: string;
  readonly masterKey?: string;
  readonly clock?: Clock;
  /** False: writers share the main thread, for specs and for the measurement of design §3. */
  readonly threads?: boolean;
}

/**
 * Every port on SQLite in one folder, held by this process alone. Statistics have a writer of their own: their hot path
 * must not wait for the disk on behalf of others, nor others for it.
 */
export const openEmbedded = async ({ folder, masterKey, clock, threads = true }: EmbeddedOptions): Promise<Infrastructure> => {
  const held = DataFolder.open(folder);
  const newWriter = (): Writer => (threads ? new WriterThread() : new InProcessWriter());
  const general = newWriter();
  const hot = newWriter();
  const own = clock === undefined ? {} : { clock };
  const bus = await openEmbeddedBus({ file: join(folder, 'bus.db'), writer: general, ...own });
  const ephemeral = await openEmbeddedEphemeral({ file: join(folder, 'ephemeral.db'), writer: general, ...own });
  return {
    bus,
    ephemeral,
    masterKey: await loadMasterKey({ text: masterKey, folder }),
    stores: async (service: ServiceName) => {
      const store = await openServiceStore({
        file: join(folder, `${service}.db`),
        writer: service === 'statistics' ? hot : general,
        ...own,
      });
      const keys = await openEmbeddedKeyStore({ file: join(folder, `${service}.keys.db`), writer: general });
      return {
        ...store,
        keys,
        close: async () => {
          await store.close();
          await keys.close();
        },
      };
    },
    close: async () => {
      await bus.close();
      await ephemeral.close();
      await general.close();
      await hot.close();
      held.close();
    },
  };
};
