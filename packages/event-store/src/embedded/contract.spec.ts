import { InProcessWriter, WriterThread } from '@flexistream/sqlite';
import { eventStoreContract } from '../contract.ts';
import { embeddedSetting } from './setting.ts';

eventStoreContract(
  'SQLite',
  embeddedSetting(() => new WriterThread()),
);
eventStoreContract(
  'SQLite without a thread',
  embeddedSetting(() => new InProcessWriter()),
);
