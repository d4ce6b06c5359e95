import { type ServiceName, streamPrefixes } from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import { openRedisEphemeral } from '@flexistream/ephemeral/redis';
import type { EventStore } from '@flexistream/event-store';
import { connectEventStoreDb, LogImport, openEventStoreDb } from '@flexistream/event-store/eventstoredb';
import type { KeyStore } from '@flexistream/key-store';
import { type KeyImport, openKeyImport, openMongoKeyStore } from '@flexistream/key-store/mongodb';
import { openMongoClient } from '@flexistream/mongodb';
import type { ReadModels } from '@flexistream/read-models';
import { type DocumentsInMongo, openDocumentsInMongo, openMongoReadModels } from '@flexistream/read-models/mongodb';
import { documentsDatabaseOf, keysDatabaseOf, streamNamespaceOf } from '../installation.ts';
import { patient } from './patient.ts';

/** A service's stores on the shared engines, and what fills and looks over them as a whole. */
export interface TargetService {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly keys: KeyStore;
  readonly logImport: LogImport;
  readonly keyImport: KeyImport;
  readonly documents: DocumentsInMongo;
}

export interface TargetEngines {
  readonly ephemeral: Ephemeral;
  service(name: ServiceName): Promise<TargetService>;
  close(): Promise<void>;
}

export interface TargetAddresses {
  readonly eventStoreUrl: string;
  readonly mongodbUrl: string;
  readonly redisUrl: string;
  readonly installation: string;
}

/** A page of a long log, found through a filter, may take its time, and nobody waits for an answer here. */
const PATIENT = { attemptMs: 30_000, giveUpMs: 60_000 } as const;

export const openTargetEngines = ({ eventStoreUrl, mongodbUrl, redisUrl, installation }: TargetAddresses): TargetEngines => {
  const connection = connectEventStoreDb(eventStoreUrl);
  const client = openMongoClient(mongodbUrl);
  const ephemeral = patient(openRedisEphemeral({ url: redisUrl, prefix: installation }));
  const namespace = streamNamespaceOf(installation);
  const opened: { close(): Promise<void> }[] = [];
  return {
    ephemeral,
    service: async (name) => {
      const documents = { client, database: documentsDatabaseOf(installation, name) };
      const keys = { client, database: keysDatabaseOf(installation, name) };
      const opening = patient({ keys: () => openMongoKeyStore(keys), keyImport: () => openKeyImport(keys) });
      const service = {
        eventStore: openEventStoreDb({ connection, prefixes: streamPrefixes[name], namespace, ...PATIENT }),
        readModels: patient(openMongoReadModels(documents)),
        keys: patient(await opening.keys()),
        logImport: new LogImport({ connection, namespace }),
        keyImport: patient(await opening.keyImport()),
        documents: patient(openDocumentsInMongo(documents)),
      };
      opened.push(service.eventStore, service.readModels, service.keys, service.keyImport);
      return service;
    },
    close: async () => {
      for (const one of opened) await one.close();
      await ephemeral.close();
      await client.close();
      await connection.close();
    },
  };
};
