import { randomUUID } from 'node:crypto';
import { EventStoreDBClient } from '@eventstore/db-client';
import { Redis } from 'ioredis';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { MongoClient } from 'mongodb';

/** One thing that stands on an engine: something's name, or what it holds. */
export interface Stored {
  readonly engine: 'Kafka' | 'EventStoreDB' | 'MongoDB' | 'Redis';
  readonly part: 'name' | 'content';
  /** What it is, for whoever reads of a finding; may hold the finding itself. */
  readonly where: string;
  readonly bytes: Buffer;
}

const name = (engine: Stored['engine'], text: string): Stored => ({ engine, part: 'name', where: text, bytes: Buffer.from(text) });
const content = (engine: Stored['engine'], where: string, bytes: Buffer): Stored => ({ engine, part: 'content', where, bytes });

const addressOf = (variable: string): string => process.env[variable] ?? '';

/** Whether a name on an engine is that of one of the installations. */
export type Ours = (name: string) => boolean;

export const kafkaForTests = (): Kafka =>
  new Kafka({ brokers: addressOf('KAFKA_BROKERS').split(','), clientId: 'tests', logLevel: logLevel.NOTHING });

/** Every topic and group by name, and every record, dead letters included: key, value and headers. */
export const storedOnKafka = async (ours: Ours): Promise<Stored[]> => {
  const kafka = kafkaForTests();
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter(ours);
    const groups = (await admin.listGroups()).groups.map(({ groupId }) => groupId).filter(ours);
    const records = await recordsOf(kafka, admin, topics);
    return [...topics.map((one) => name('Kafka', one)), ...groups.map((one) => name('Kafka', one)), ...records];
  } finally {
    await admin.disconnect();
  }
};

const placeOf = (topic: string, partition: number): string => `${topic} ${partition}`;

const recordsOf = async (kafka: Kafka, admin: Admin, topics: readonly string[]): Promise<Stored[]> => {
  const ends = new Map<string, number>();
  for (const topic of topics) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
      if (low !== high) ends.set(placeOf(topic, partition), Number(high));
    }
  }
  const groupId = `tests-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const records: Stored[] = [];
  const { promise: read, resolve } = Promise.withResolvers<void>();
  await consumer.connect();
  await consumer.subscribe({ topics: [...new Set([...ends.keys()].map((place) => place.split(' ')[0] ?? ''))], fromBeginning: true });
  await consumer.run({
    eachBatch: async ({ batch }) => {
      const place = placeOf(batch.topic, batch.partition);
      for (const { key, value, headers = {}, offset } of batch.messages) {
        const parts = [key, value, ...Object.entries(headers).flat(2)].map((part) => Buffer.from(part ?? ''));
        for (const bytes of parts) if (bytes.length > 0) records.push(content('Kafka', `${place} ${offset}`, bytes));
      }
      if (Number(batch.lastOffset()) + 1 >= (ends.get(place) ?? 0)) ends.delete(place);
      if (ends.size === 0) resolve();
    },
  });
  if (ends.size > 0) await read;
  await consumer.disconnect();
  await admin.deleteGroups([groupId]);
  return records;
};

/** Every stream by name, and every event: type, data and metadata. */
export const storedInEventStore = async (ours: Ours): Promise<Stored[]> => {
  const client = EventStoreDBClient.connectionString(addressOf('EVENTSTORE_URL'));
  const streams = new Set<string>();
  const events: Stored[] = [];
  try {
    for await (const { event } of client.readAll()) {
      if (event === undefined || !ours(event.streamId.replace(/^\$\$/, ''))) continue;
      streams.add(event.streamId);
      const text = JSON.stringify([event.type, event.data, event.metadata]);
      events.push(content('EventStoreDB', `${event.streamId} ${event.revision}`, Buffer.from(text)));
    }
  } finally {
    await client.dispose();
  }
  return [...[...streams].map((one) => name('EventStoreDB', one)), ...events];
};

/** Every database and collection by name, and every document as it is stored. */
export const storedInMongoDb = async (ours: Ours): Promise<Stored[]> => {
  const client = await new MongoClient(addressOf('MONGODB_URL')).connect();
  const stored: Stored[] = [];
  try {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const database of databases.map((one) => one.name).filter(ours)) {
      stored.push(name('MongoDB', database));
      for (const collection of (await client.db(database).collections()).map((one) => one.collectionName)) {
        stored.push(name('MongoDB', `${database}.${collection}`));
        const documents = client.db(database).collection(collection).find({}, { raw: true });
        for await (const document of documents) stored.push(content('MongoDB', `${database}.${collection}`, document as unknown as Buffer));
      }
    }
  } finally {
    await client.close();
  }
  return stored;
};

/** Every key by name, and every value. */
export const storedInRedis = async (ours: Ours): Promise<Stored[]> => {
  const redis = new Redis(addressOf('REDIS_URL'));
  const stored: Stored[] = [];
  try {
    for (const key of await keysOf(redis, ours)) {
      stored.push(name('Redis', key));
      for (const bytes of await valuesOf(redis, key)) stored.push(content('Redis', key, bytes));
    }
  } finally {
    redis.disconnect();
  }
  return stored;
};

const keysOf = async (redis: Redis, ours: Ours): Promise<Set<string>> => {
  const keys = new Set<string>();
  for (let from = '0'; ; ) {
    const [next, some] = await redis.scan(from, 'COUNT', 1_000);
    for (const key of some) if (ours(key)) keys.add(key);
    if (next === '0') return keys;
    from = next;
  }
};

/** A key may end while it is read. */
const valuesOf = async (redis: Redis, key: string): Promise<Buffer[]> => {
  switch (await redis.type(key)) {
    case 'string':
      return [await redis.getBuffer(key)].filter((value) => value !== null);
    case 'hash':
      return Object.entries(await redis.hgetallBuffer(key)).flatMap(([field, value]) => [Buffer.from(field), value]);
    case 'zset':
      return redis.zrangeBuffer(key, '0', '-1');
    case 'set':
      return redis.smembersBuffer(key);
    case 'list':
      return redis.lrangeBuffer(key, '0', '-1');
    default:
      return [];
  }
};
