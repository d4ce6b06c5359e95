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

export interface DistributedOptions {
  readonly eventStoreUrl: string;
  readonly kafkaBrokers: readonly string[];
  readonly mongodbUrl: string;
  readonly redisUrl: string;
  readonly masterKey: string;
  /** Names this process in the brokers' logs. */
  readonly name: string;
  readonly log: Log;
}

/** Every port on engines that all processes of an installation share. One client an engine and process; each service has databases of its own. */
export const openDistributed = async (options: DistributedOptions): Promise<Infrastructure> => {
  const { log } = options;
  const connection = connectEventStoreDb(options.eventStoreUrl);
  const client = openMongoClient(options.mongodbUrl);
  const ephemeral = openRedisEphemeral({ url: options.redisUrl });
  const bus = openKafkaBus({
    brokers: options.kafkaBrokers,
    clientId: options.name,
    onTrouble: (text) => log.warn({ engine: 'kafka' }, text),
  });
  return {
    bus,
    ephemeral,
    masterKey: await loadMasterKey({ text: options.masterKey }),
    stores: async (service) => {
      const onBroken = (error: unknown): void =>
        log.warn({ error, engine: 'eventstoredb' }, 'a subscription broke and will be opened again');
      const eventStore = openEventStoreDb({ connection, prefixes: streamPrefixes[service], onBroken });
      const readModels = openMongoReadModels({ client, database: `flexistream_${service}` });
      const keys = await openMongoKeyStore({ client, database: `flexistream_${service}_keys` });
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
