import { type ServiceName, streamPrefixes } from '@flexistream/contracts';
import type { EventStore } from '@flexistream/event-store';
import { connectEventStoreDb, openEventStoreDb } from '@flexistream/event-store/eventstoredb';
import type { Log } from '@flexistream/observability';
import { streamNamespaceOf } from '../installation.ts';

export interface SharedEngine {
  readonly url: string;
  readonly installation: string;
}

export interface SharedLogs {
  eventStore(service: ServiceName): EventStore;
  close(): Promise<void>;
}

/** The logs of all services in EventStoreDB, over the one client of the process. */
export const openSharedLogs = ({ url, installation }: SharedEngine, log: Log): SharedLogs => {
  const connection = connectEventStoreDb(url);
  const namespace = streamNamespaceOf(installation);
  const onBroken = (error: unknown): void => log.warn({ error, engine: 'eventstoredb' }, 'a subscription broke and will be opened again');
  return {
    eventStore: (service) => openEventStoreDb({ connection, prefixes: streamPrefixes[service], namespace, onBroken }),
    close: () => connection.close(),
  };
};
