import { openMongoClient } from '@flexistream/mongodb';
import type { Interpose } from '@flexistream/mongodb/for-tests';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type MongoClient, MongoServerError } from 'mongodb';
import type { EventChanges, ProjectionRef, ReadModels } from '../port.ts';
import { add, drop, put } from '../projection.ts';
import { mongoSetting } from './engine-for-specs.ts';

const url = process.env.MONGODB_URL ?? '';
const withMongoDb = url === '' ? describe.skip : describe;

const town: ProjectionRef = {
  name: 'town',
  version: 1,
  collections: [
    { name: 'things', indexes: [] },
    { name: 'sums', indexes: [] },
  ],
};
const at = (position: number, changes: EventChanges['changes'], key = 'a-1'): EventChanges => ({ position, key, changes });

const TOO_LARGE = 'x'.repeat(16 * 1024 * 1024);
const DOCUMENT_VALIDATION_FAILURE = 121;
const EXCEEDED_QUOTA = 8_000;

/** A server that refuses the document `bad`, as one does whose collection was given a validator: all else of the command is done. */
const refusing =
  (code: number): Interpose =>
  async ({ method, args }, make) => {
    const [operations, options] = args as [{ insertOne?: { document: { _id: string } } }[], object];
    const isBad = (operation: (typeof operations)[number]): boolean => operation.insertOne?.document._id === 'bad';
    if (method !== 'bulkWrite' || !operations.some(isBad)) return make(args);
    const others = operations.filter((operation) => !isBad(operation));
    if (others.length > 0) await make([others, options]);
    throw new MongoServerError({ message: 'of the server, which quotes Jane', code });
  };

withMongoDb('a document that MongoDB does not take', () => {
  let client: MongoClient;
  beforeAll(() => {
    client = openMongoClient(url);
  });
  afterAll(() => client.close());

  const opened = async (check: (models: ReadModels) => Promise<void>, interpose?: Interpose): Promise<void> => {
    await using setting = await mongoSetting(() => client, interpose)();
    const models = await setting.open();
    await models.declare([town]);
    await check(models);
    await models.close();
  };
  const sumsOf = async (models: ReadModels) => Object.fromEntries(await models.getMany(town, 'sums', ['x', 'y', 'z']));
  const placesOf = async (models: ReadModels) => (await models.parked(town)).map(({ position }) => position);

  test('since it is too large: its event is parked with none of its changes, others go on, and it can be retried', () =>
    opened(async (models) => {
      const events = [
        at(1, [put('sums', 'x', { n: 1 })]),
        at(2, [add('sums', 'x', { n: 10 }), put('things', 'large', { text: TOO_LARGE })], 'bad-1'),
        at(3, [add('sums', 'x', { n: 100 })]),
        at(4, [add('sums', 'y', { n: 1 })], 'bad-1'),
      ];
      expect(await models.apply(town, events, 4)).toMatchObject([{ position: 2, key: 'bad-1' }, { position: 4 }]);
      expect([await sumsOf(models), await placesOf(models), await models.checkpoint(town)]).toEqual([{ x: { n: 101 } }, [2, 4], 4]);
      await expect(models.unpark(town, events.slice(1, 2))).rejects.toBeInstanceOf(RangeError);
      await models.unpark(town, [at(2, [add('sums', 'x', { n: 10 }), put('things', 'large', { text: 'short' })], 'bad-1')]);
      await models.unpark(town, events.slice(3));
      expect([await sumsOf(models), await placesOf(models)]).toEqual([{ x: { n: 111 }, y: { n: 1 } }, []]);
    }));

  const batch = [
    at(1, [put('sums', 'x', { n: 1 }), put('sums', 'z', { n: 1 })]),
    at(2, [add('sums', 'x', { n: 10 }), put('things', 'bad', {}), drop('sums', 'z')], 'bad-1'),
    at(3, [add('sums', 'x', { n: 100 }), add('sums', 'y', { n: 1 })]),
    at(4, [add('sums', 'y', { n: 10 })], 'bad-1'),
    at(5, [put('things', 'good', { n: 5 })]),
  ];

  test('whose server says so only then: its event is parked, and what others hold of it is not made twice by a retry', () =>
    opened(async (models) => {
      const parked = await models.apply(town, batch, 5);
      expect(parked.map(({ position }) => position)).toEqual([2, 4]);
      expect(JSON.stringify(await models.parked())).not.toContain('Jane');
      expect([await placesOf(models), await models.checkpoint(town), await models.get(town, 'things', 'good')]).toEqual([
        [2, 4],
        5,
        { n: 5 },
      ]);
      await models.apply(town, [at(6, [add('sums', 'x', { n: 1_000 }), add('sums', 'y', { n: 100 })])], 6);
      await models.unpark(town, [at(2, [add('sums', 'x', { n: 10 }), put('things', 'mended', {}), drop('sums', 'z')], 'bad-1')]);
      await models.unpark(town, [at(4, [add('sums', 'y', { n: 10 })], 'bad-1')]);
      expect([await sumsOf(models), await placesOf(models)]).toEqual([{ x: { n: 1_111 }, y: { n: 111 } }, []]);
      expect(await models.get(town, 'things', 'mended')).toEqual({});
    }, refusing(DOCUMENT_VALIDATION_FAILURE)));

  test('for a reason that is not in it parks nothing: that is waited out', () =>
    opened(async (models) => {
      await expect(models.apply(town, batch, 5)).rejects.toMatchObject({ code: 'mongodb/refused' });
      expect([await placesOf(models), await models.checkpoint(town)]).toEqual([[], 0]);
    }, refusing(EXCEEDED_QUOTA)));
});
