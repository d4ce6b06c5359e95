import type { ServiceName } from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import type { EventBus } from '@flexistream/event-bus';
import type { EventStore } from '@flexistream/event-store';
import type { KeyStore, MasterKey } from '@flexistream/key-store';
import type { ReadModels } from '@flexistream/read-models';

/** One service's own stores; no other service opens them. */
export interface Stores {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly keys: KeyStore;
  /** Other processes work on the same engines, of an older release too. */
  readonly shared: boolean;
  /** After an erasure: what was dropped is in no file any more. */
  truncate(): Promise<void>;
  close(): Promise<void>;
}

/** The five ports as a process has them, embedded or distributed. */
export interface Infrastructure {
  stores(service: ServiceName): Promise<Stores>;
  readonly bus: EventBus;
  readonly ephemeral: Ephemeral;
  readonly masterKey: MasterKey;
  close(): Promise<void>;
}

/** Stores that share no file: each forgets by itself what is dropped. */
export const storesOf = (eventStore: EventStore, readModels: ReadModels, keys: KeyStore): Stores => ({
  eventStore,
  readModels,
  keys,
  shared: true,
  truncate: async () => {},
  close: async () => {
    await eventStore.close();
    await readModels.close();
    await keys.close();
  },
});
