import { loadMasterKey } from '@flexistream/key-store';
import type { Log } from '@flexistream/observability';
import { openSharedBus } from './engines/shared-bus.ts';
import { openSharedDocuments } from './engines/shared-documents.ts';
import { openSharedEphemeral } from './engines/shared-ephemeral.ts';
import { openSharedLogs } from './engines/shared-logs.ts';
import { type Infrastructure, storesOf } from './infrastructure.ts';

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
  const { log, installation, name } = options;
  const logs = openSharedLogs({ url: options.eventStoreUrl, installation }, log);
  const documents = openSharedDocuments({ url: options.mongodbUrl, installation });
  const ephemeral = openSharedEphemeral({ url: options.redisUrl, installation });
  const bus = openSharedBus({ brokers: options.kafkaBrokers, installation, name }, log);
  return {
    bus,
    ephemeral,
    masterKey: await loadMasterKey({ text: options.masterKey }),
    stores: async (service) => {
      const keys = await documents.keys(service); // the one that may fail comes first
      return storesOf(logs.eventStore(service), documents.readModels(service), keys);
    },
    close: async () => {
      await bus.close();
      await ephemeral.close();
      await documents.close();
      await logs.close();
    },
  };
};
