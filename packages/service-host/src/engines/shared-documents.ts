import type { ServiceName } from '@flexistream/contracts';
import type { KeyStore } from '@flexistream/key-store';
import { openMongoKeyStore } from '@flexistream/key-store/mongodb';
import { openMongoClient } from '@flexistream/mongodb';
import type { ReadModels } from '@flexistream/read-models';
import { openMongoReadModels } from '@flexistream/read-models/mongodb';
import { documentsDatabaseOf, keysDatabaseOf } from '../installation.ts';
import type { SharedEngine } from './shared-logs.ts';

/** Documents and keys in MongoDB: each service has two databases, so that backups may keep the keys for a shorter time. */
export interface SharedDocuments {
  readModels(service: ServiceName): ReadModels;
  keys(service: ServiceName): Promise<KeyStore>;
  close(): Promise<void>;
}

export const openSharedDocuments = ({ url, installation }: SharedEngine): SharedDocuments => {
  const client = openMongoClient(url);
  return {
    readModels: (service) => openMongoReadModels({ client, database: documentsDatabaseOf(installation, service) }),
    keys: (service) => openMongoKeyStore({ client, database: keysDatabaseOf(installation, service) }),
    close: () => client.close(),
  };
};
