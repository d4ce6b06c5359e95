import { eventStoreContract } from '@flexistream/event-store/contract';
import { InProcessWriter, type Writer, WriterThread } from '@flexistream/sqlite';
import { inlineContract, readModelsContract } from '../contract.ts';
import { readModelsSetting, serviceSetting } from './setting.ts';

const writers: readonly (readonly [string, () => Writer])[] = [
  ['SQLite', () => new WriterThread()],
  ['SQLite without a thread', () => new InProcessWriter()],
];

for (const [name, makeWriter] of writers) {
  readModelsContract(name, readModelsSetting(makeWriter));
  inlineContract(name, serviceSetting(makeWriter));
}

/** The halves of a service's file keep their own contracts too. */
const service = serviceSetting(() => new InProcessWriter());
eventStoreContract('The log of a service store', async () => {
  const setting = await service();
  return { ...setting, open: async () => (await setting.open()).eventStore };
});
readModelsContract('The read models of a service store', async () => {
  const setting = await service();
  return { ...setting, open: async () => (await setting.open()).readModels };
});
