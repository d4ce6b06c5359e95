import type { ServiceName } from '@flexistream/contracts';
import { loadMasterKey } from '@flexistream/key-store';
import type { Log } from '@flexistream/observability';
import { embeddedStores, openEmbedded } from './embedded-infrastructure.ts';
import type { EngineValues } from './engine-settings.ts';
import { type EmbeddedOptions, type FolderEngines, openFolderEngines } from './engines/folder-engines.ts';
import type { SharedDocuments } from './engines/shared-documents.ts';
import type { SharedLogs } from './engines/shared-logs.ts';
import { type Infrastructure, type Stores, storesOf } from './infrastructure.ts';

export interface MixedOptions extends EmbeddedOptions {
  /** An engine without an address is embedded. */
  readonly engines: EngineValues;
  readonly log: Log;
}

/** A folder whose logs or keys are not where they would be looked for. */
export class EngineChanged extends Error {
  readonly code = 'service-host/engine-changed';
}

/**
 * Each port where it was told to be: on an engine with an address, else in the folder (design §3). Clients of engines are imported only
 * when they are chosen. Documents are written with the appends only where the folder has both.
 * @throws EngineChanged when the folder holds what is now to be elsewhere.
 */
export const openInfrastructure = async ({ engines, log, ...options }: MixedOptions): Promise<Infrastructure> => {
  const { EVENTSTORE_URL, KAFKA_BROKERS, MONGODB_URL, REDIS_URL, INSTALLATION: installation } = engines;
  const brokers = KAFKA_BROKERS;
  if (`${EVENTSTORE_URL}${MONGODB_URL}${REDIS_URL}` === '' && brokers.length === 0) return openEmbedded(options);
  const folder = openFolderEngines(options);
  if (EVENTSTORE_URL !== '') await refuseIfHeld(folder, 'accounts.db', 'EVENTSTORE_URL is set, but the logs are');
  if (MONGODB_URL !== '') await refuseIfHeld(folder, 'accounts.keys.db', 'MONGODB_URL is set, but the keys are');
  const logs =
    EVENTSTORE_URL === ''
      ? undefined
      : (await import('./engines/shared-logs.ts')).openSharedLogs({ url: EVENTSTORE_URL, installation }, log);
  const documents =
    MONGODB_URL === ''
      ? undefined
      : (await import('./engines/shared-documents.ts')).openSharedDocuments({ url: MONGODB_URL, installation });
  const ephemeral =
    REDIS_URL === ''
      ? await folder.ephemeral()
      : (await import('./engines/shared-ephemeral.ts')).openSharedEphemeral({ url: REDIS_URL, installation });
  const bus =
    brokers.length === 0
      ? await folder.bus()
      : (await import('./engines/shared-bus.ts')).openSharedBus({ brokers, installation, name: 'standalone' }, log);
  return {
    bus,
    ephemeral,
    masterKey: await loadMasterKey({ text: options.masterKey, folder: options.folder }),
    stores: (service) => mixedStores(service, folder, logs, documents),
    close: async () => {
      await bus.close();
      await ephemeral.close();
      await documents?.close();
      await logs?.close();
      await folder.close();
    },
  };
};

const mixedStores = async (
  service: ServiceName,
  folder: FolderEngines,
  logs: SharedLogs | undefined,
  documents: SharedDocuments | undefined,
): Promise<Stores> => {
  if (logs === undefined && documents === undefined) return embeddedStores(folder, service);
  const keys = await (documents ?? folder).keys(service);
  const eventStore = logs === undefined ? await folder.eventStore(service) : logs.eventStore(service);
  const readModels = documents === undefined ? await folder.readModels(service) : documents.readModels(service);
  return storesOf(eventStore, readModels, keys);
};

const refuseIfHeld = async (folder: FolderEngines, file: string, what: string): Promise<void> => {
  if (!folder.holds(file)) return;
  await folder.close();
  throw new EngineChanged(
    `${what} in DATA_DIR (${file}): an installation does not change engines by a variable, see "From small to large"`,
  );
};
