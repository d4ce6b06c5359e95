import { type Arrange, describeContract, type Promises } from '@flexistream/kernel/contract';
import { appendPromises } from './contract/appending.ts';
import { closePromises } from './contract/closing.ts';
import { readPromises } from './contract/reading.ts';
import { removePromises } from './contract/removing.ts';
import type { EventStoreSetting } from './contract/setting.ts';
import { subscribePromises } from './contract/subscribing.ts';

export type { EventStoreSetting } from './contract/setting.ts';

/** What every event store keeps, races included. */
export const eventStorePromises: Promises<EventStoreSetting> = {
  ...appendPromises,
  ...readPromises,
  ...subscribePromises,
  ...removePromises,
  ...closePromises,
};

export const eventStoreContract = (name: string, arrange: Arrange<EventStoreSetting>): void =>
  describeContract(`${name} as an event store`, eventStorePromises, arrange);
