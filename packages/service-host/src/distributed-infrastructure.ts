import { streamPrefixes } from '@flexistream/contracts';
import { openRedisEphemeral } from '@flexistream/ephemeral/redis';
import { openKafkaBus } from '@flexistream/event-bus/kafka';
import { connectEventStoreDb, openEventStoreDb } from '@flexistream/event-store/eventstoredb';
import { loadMasterKey } from '@flexistream/key-store';
import { openMongoKeyStore } from '@flexistream/key-store/mongodb';
import { openMongoClient } from '@flexistream/mongodb';
import type { Log } from '@flexistream/observability';
import { openMongoReadModels } from '@flexistream/read-models/mongodb';
import type { Infrastructure } from './infrastructure.ts';
import { busOf } from './installation.ts';

/** Its streams have no name before theirs: an event store is seldom shared. */
const DEFAULT_INSTALLATION = 'flexistream';

export interface DistributedOptions {
  readonly eventStoreUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly mongodbUrl: string;
  readonly redisUrl: string;
  readonly masterKey: string;
  /** Keeps several installations on the same engines apart. */
  readonly installation: string;
  /** Names this process in the brokers' logs. */
  readonly name: string;
  readonly log: Log;
}

/** Every port on engines that all processes of an installation share. One client an engine and process; each service has databases of its own. */
export const openDistributed = async (options: DistributedOptions): Promise<Infrastructure> => {
  const { log, installation } = options;
  const connection = connectEventStoreDb(options.eventStoreUrl);
  const client = openMongoClient(options.mongodbUrl);
  const ephemeral = openRedisEphemeral({ url: options.redisUrl, prefix: installation });
  const kafka = openKafkaBus({
    brokers: options.kafkaBrokers,
    clientId: options.name,
    onTrouble: (text) => log.warn({ engine: 'kafka' }, text),
  });
  const bus = busOf(installation, kafka);
  const namespace = installation === DEFAULT_INSTALLATION ? '' : `${installation}.`;
  return {
    bus,
    ephemeral,
    masterKey: await loadMasterKey({ text: options.masterKey }),
    stores: async (service) => {
      const keys = await openMongoKeyStore({ client, database: `${installation}_${service}_keys` }); // the one that may fail comes first
      const onBroken = (error: unknown): void =>
        log.warn({ error, engine: 'eventstoredb' }, 'a subscription broke and will be opened again');
      const eventStore = openEventStoreDb({ connection, prefixes: streamPrefixes[service], namespace, onBroken });
      const readModels = openMongoReadModels({ client, database: `${installation}_${service}` });
      return {
        eventStore,
        readModels,
        keys,
        truncate: async () => {}, // what MongoDB keeps of a dropped document is MongoDB's to forget
        close: async () => {
          await eventStore.close();
          await readModels.close();
          await keys.close();
        },
      };
    },
    close: async () => {
      await bus.close();
      await ephemeral.close();
      await client.close();
      await connection.close();
    },
  };
};
