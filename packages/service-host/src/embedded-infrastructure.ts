import type { ServiceName } from '@flexistream/contracts';
import { loadMasterKey } from '@flexistream/key-store';
import { type EmbeddedOptions, type FolderEngines, openFolderEngines } from './engines/folder-engines.ts';
import type { Infrastructure, Stores } from './infrastructure.ts';

export type { EmbeddedOptions } from './engines/folder-engines.ts';

/** Every port on SQLite in one folder, held by this process alone. */
export const openEmbedded = async (options: EmbeddedOptions): Promise<Infrastructure> => {
  const engines = openFolderEngines(options);
  const bus = await engines.bus();
  const ephemeral = await engines.ephemeral();
  return {
    bus,
    ephemeral,
    masterKey: await loadMasterKey({ text: options.masterKey, folder: options.folder }),
    stores: (service) => embeddedStores(engines, service),
    close: async () => {
      await bus.close();
      await ephemeral.close();
      await engines.close();
    },
  };
};

export const embeddedStores = async (engines: FolderEngines, service: ServiceName): Promise<Stores> => {
  const store = await engines.store(service);
  const keys = await engines.keys(service);
  return {
    ...store,
    keys,
    shared: false,
    close: async () => {
      await store.close();
      await keys.close();
    },
  };
};
