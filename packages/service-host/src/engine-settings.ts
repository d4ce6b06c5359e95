import { listSetting, nameSetting, textSetting, type ValuesOf } from './settings.ts';

/** Where the engines are that several processes may share (design §3). */
export const engineSettings = {
  EVENTSTORE_URL: textSetting('connection string of EventStoreDB'),
  KAFKA_BROKERS: listSetting('brokers of Kafka'),
  MONGODB_URL: textSetting('connection string of MongoDB'),
  REDIS_URL: textSetting('connection string of Redis'),
  INSTALLATION: nameSetting(
    'begins the databases, topics, groups and keys on the shared engines; several installations keep apart by it',
    'flexistream',
  ),
} as const;
export type EngineValues = ValuesOf<typeof engineSettings>;
