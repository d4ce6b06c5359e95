import { randomUUID } from 'node:crypto';
import { type IntegrationEvent, integrationEvent, type Route, routes, streamPrefixes } from '@flexistream/contracts';
import { openKafkaBus } from '@flexistream/event-bus/kafka';
import { uuidv7 } from '@flexistream/kernel';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Message } from 'kafkajs';
import { leakFinder } from '../leaks.ts';
import { createAccount } from '../population.ts';
import type { UsedValues } from '../used-values.ts';
import type { Split } from './start-split.ts';
import { kafkaForTests, type Ours, type Stored, storedInEventStore, storedInMongoDb, storedInRedis, storedOnKafka } from './stored.ts';

/** What is said of nobody: the names and the fixed values of the events' fields, how streams and keys begin, and the fixed parts of paths. */
export const ordinaryWords: string = [
  ...integrationEvent.options.flatMap(({ shape }) => [
    ...Object.keys(shape),
    ...Object.keys(shape.data.shape),
    shape.type.value,
    ...shape.source.options,
  ]),
  ...Object.values(streamPrefixes).flat(),
  'wrong-old-password',
  ...Object.values<Route>(routes).flatMap(({ path }) => path.split('/').filter((segment) => !segment.startsWith(':'))),
].join(' ');

const PARKED_WITHIN_MS = 20_000;

export interface LeftBehind {
  readonly start: () => Promise<Split>;
  readonly used: UsedValues;
  /** Of all installations that the suites before started. */
  readonly installations: readonly string[];
}

/** The last cases of a file: what the suites before them left on the engines, for good and for anybody who may read there. */
export const leftBehindCases = ({ start, used, installations }: LeftBehind): void => {
  let onKafka: readonly Stored[];
  let find: (bytes: Buffer) => string[];
  const ours: Ours = (name) => installations.some((installation) => name.startsWith(installation));
  const leaksIn = (stored: readonly Stored[]): string[] =>
    stored.flatMap(({ engine, part, where, bytes }) => find(bytes).map((leak) => `${engine}, ${part} of ${where}: ${leak}`));
  const without = (...kinds: string[]): UsedValues['all'] => new Map([...used.all].filter(([, what]) => !kinds.includes(what)));
  const namesOf = (stored: readonly Stored[]): Stored[] => stored.filter(({ part }) => part === 'name');

  let split: Split;
  beforeAll(async () => {
    split = await start();
    await park(split);
    find = leakFinder(used.all);
    onKafka = await storedOnKafka(ours);
  });
  afterAll(() => split[Symbol.asyncDispose]());

  test('the suites used much of every kind', () => {
    const kinds = Map.groupBy(used.all, ([, what]) => what);
    const wanted =
      'username,user name,address,email,phone,password,md5 verifier,sha256 verifier,API key,account_creation_token,token,response,nonce';
    expect(wanted.split(',').filter((what) => !kinds.has(what))).toEqual([]);
    expect(used.all.size).toBeGreaterThan(1_000);
    expect(installations.length).toBeGreaterThan(10);
  });

  test('every service that publishes did, and every group has a dead letter', () => {
    const records = onKafka.filter(({ part }) => part === 'content');
    for (const source of ['accounts', 'spaces', 'tokens']) {
      expect([source, records.some(({ where }) => new RegExp(`^\\w+\\.${source} `).test(where))]).toEqual([source, true]);
    }
    for (const group of groups) {
      const letters = records.filter(({ where }) => where.startsWith(`${split.installation}.${group}.dead-letters `));
      expect([group, letters.map(({ bytes }) => bytes.toString()).join()]).toEqual([group, expect.stringContaining('newer-release')]);
    }
  });

  test('Kafka: no topic, group, key, header or record holds any of it', () => {
    expect(leaksIn(onKafka)).toEqual([]);
  });

  test('EventStoreDB: no name of a stream does, but for the ids that Flexisip gives to calls and messages', async () => {
    find = leakFinder(without('id', 'path'));
    const names = namesOf(await storedInEventStore(ours));
    expect(names.length).toBeGreaterThan(1_000);
    expect(leaksIn(names)).toEqual([]);
  });

  test('MongoDB: no name of a database or collection does', async () => {
    find = leakFinder(used.all);
    const names = namesOf(await storedInMongoDb(ours));
    expect(names.length).toBeGreaterThan(installations.length);
    expect(leaksIn(names)).toEqual([]);
  });

  test('Redis: no name of a key does, but for those ids, and nonces, which are shown to anybody and end', async () => {
    find = leakFinder(without('id', 'path', 'nonce'));
    const names = namesOf(await storedInRedis(ours));
    expect(names.length).toBeGreaterThan(0);
    expect(leaksIn(names)).toEqual([]);
  });

  const [someone, itsAddress] = ['seeded.sylvester', 'seeded.sylvester@seed.example'];
  const json = (text: string) => JSON.stringify({ specversion: '1.0', data: { note: text } });
  test.each<
    [string, { readonly topic?: string; readonly key?: string; readonly value?: string; readonly headers?: Record<string, string> }]
  >([
    ['a value', { value: json(itsAddress) }],
    ['a value in base64', { value: json(Buffer.from(itsAddress).toString('base64')) }],
    ['a value in hex', { value: json(Buffer.from(itsAddress).toString('hex')) }],
    ['a value, percent-encoded', { value: json(encodeURIComponent(itsAddress)) }],
    ['a key', { key: someone }],
    ['a header', { headers: { by: someone } }],
    ['the name of a header', { headers: { [someone]: 'x' } }],
    ['a dead letter', { topic: 'seeds.dead-letters', value: json(json(itsAddress)) }],
    ['the name of a topic', { topic: someone }],
  ])('it would have been found: %s', async (_, { topic = 'seeds', key = null, value = 'x', headers = {} }) => {
    const installation = `seed${randomUUID()}`;
    await seed(`${installation}.${topic}`, { key, value, headers });
    find = leakFinder(new Map([[someone, 'user name']]));
    const stored = await storedOnKafka((name) => name.startsWith(installation));
    expect(leaksIn(stored)).toEqual([expect.stringContaining(someone)]);
  });
};

const seed = async (topic: string, message: Message): Promise<void> => {
  const kafka = kafkaForTests();
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true });
  await producer.send({ topic, messages: [message] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
};

const groups = ['accounts', 'tokens', 'statistics'];

/** Has every service that consumes accounts' events set one aside: of a release that is newer than it, with a person in mind. */
const park = async (split: Split): Promise<void> => {
  const { id } = await createAccount(split, { username: 'parked.petra', domain: 'sip.localhost', email: 'petra@parked.example' });
  const event = {
    specversion: '1.0',
    id: uuidv7(),
    source: 'accounts',
    subject: String(id),
    type: 'account.of-a-newer-release.v9',
    time: new Date().toISOString(),
    sequence: 9,
    correlation: uuidv7(),
    data: { accountId: id, spaceId: randomUUID() },
  };
  const bus = openKafkaBus({ brokers: (process.env.KAFKA_BROKERS ?? '').split(',') });
  try {
    await bus.publish(`${split.installation}.accounts`, [event as unknown as IntegrationEvent]);
    for (const deadline = Date.now() + PARKED_WITHIN_MS; ; ) {
      const parked = await Promise.all(groups.map((group) => bus.parked(`${split.installation}.${group}`)));
      if (parked.every((letters) => letters.length > 0)) return;
      if (Date.now() > deadline) throw new Error(`parked are ${parked.map((letters) => letters.length)}`);
    }
  } finally {
    await bus.close();
  }
};
