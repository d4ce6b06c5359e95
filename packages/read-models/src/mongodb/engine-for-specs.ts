import { randomBytes } from 'node:crypto';
import { type Interpose, interposed } from '@flexistream/mongodb/for-tests';
import type { MongoClient } from 'mongodb';
import type { ReadModels } from '../port.ts';
import { openMongoReadModels } from './index.ts';

export interface MongoSetting extends AsyncDisposable {
  readonly database: string;
  open(interpose?: Interpose): Promise<ReadModels>;
}

/** A database of its own, removed afterwards. */
export const mongoSetting = (client: () => MongoClient, always?: Interpose) => async (): Promise<MongoSetting> => {
  const database = `spec_${randomBytes(6).toString('hex')}`;
  return {
    database,
    open: async (interpose = always) =>
      openMongoReadModels({ client: interpose === undefined ? client() : interposed(client(), interpose), database }),
    [Symbol.asyncDispose]: async () => void (await client().db(database).dropDatabase()),
  };
};
