import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import { openEmbeddedEphemeral } from '@flexistream/ephemeral/embedded';
import type { EventBus } from '@flexistream/event-bus';
import { openEmbeddedBus } from '@flexistream/event-bus/embedded';
import type { EventStore } from '@flexistream/event-store';
import { openEventStore } from '@flexistream/event-store/embedded';
import type { Clock } from '@flexistream/kernel';
import type { KeyStore } from '@flexistream/key-store';
import { openEmbeddedKeyStore } from '@flexistream/key-store/embedded';
import type { ReadModels } from '@flexistream/read-models';
import { openDividedStore, openReadModels, openServiceStore, type ServiceStore } from '@flexistream/read-models/embedded';
import { DataFolder, InProcessWriter, type Writer, WriterThread } from '@flexistream/sqlite';

export interface EmbeddedOptions {
  readonly folder: string;
  readonly masterKey?: string;
  readonly clock?: Clock;
  /** False: writers share the main thread, for specs and for the measurement of design §3. */
  readonly threads?: boolean;
}

/** Ports on SQLite in one folder, held by this process alone. What is not opened has no file. */
export interface FolderEngines {
  bus(): Promise<EventBus>;
  ephemeral(): Promise<Ephemeral>;
  /** Log and documents in one file, in one transaction; those of statistics in a file each. */
  store(service: ServiceName): Promise<ServiceStore>;
  /** The log without documents, in the file where both would be. */
  eventStore(service: ServiceName): Promise<EventStore>;
  /** Documents of a log that is elsewhere, in a file of their own: they must not meet those of another log. */
  readModels(service: ServiceName): Promise<ReadModels>;
  keys(service: ServiceName): Promise<KeyStore>;
  holds(file: string): boolean;
  close(): Promise<void>;
}

/** Where documents of a log in the same folder are: beside it in its file, but for statistics. */
export const documentsFileOf = (service: ServiceName): string => (service === 'statistics' ? 'statistics.views.db' : `${service}.db`);

/**
 * The log of statistics has a writer of its own: their hot path must not wait for the disk on behalf of others, nor others for it. Their
 * documents, which only follow, are others there.
 */
export const openFolderEngines = ({ folder, clock, threads = true }: EmbeddedOptions): FolderEngines => {
  const held = DataFolder.open(folder);
  const writers = new Map<'general' | 'hot', Writer>();
  const writer = (name: 'general' | 'hot'): Writer => {
    const made = writers.get(name) ?? (threads ? new WriterThread() : new InProcessWriter());
    writers.set(name, made);
    return made;
  };
  const at = (file: string) => ({ file: join(folder, file), ...(clock === undefined ? {} : { clock }) });
  const of = (service: ServiceName) => writer(service === 'statistics' ? 'hot' : 'general');
  return {
    bus: () => openEmbeddedBus({ ...at('bus.db'), writer: writer('general') }),
    ephemeral: () => openEmbeddedEphemeral({ ...at('ephemeral.db'), writer: writer('general') }),
    store: (service) =>
      service === 'statistics'
        ? openDividedStore({
            ...at('statistics.db'),
            writer: writer('hot'),
            documents: { ...at(documentsFileOf(service)), writer: writer('general') },
          })
        : openServiceStore({ ...at(`${service}.db`), writer: writer('general') }),
    eventStore: (service) => openEventStore({ ...at(`${service}.db`), writer: of(service) }),
    readModels: (service) => openReadModels({ ...at(`${service}.documents.db`), writer: of(service) }),
    keys: (service) => openEmbeddedKeyStore({ ...at(`${service}.keys.db`), writer: writer('general') }),
    holds: (file) => existsSync(join(folder, file)),
    close: async () => {
      for (const one of writers.values()) await one.close();
      held.close();
    },
  };
};
