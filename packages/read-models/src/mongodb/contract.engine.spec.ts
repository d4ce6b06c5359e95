import { brokenPromises } from '@flexistream/kernel/contract';
import { openMongoClient } from '@flexistream/mongodb';
import type { Interpose } from '@flexistream/mongodb/for-tests';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import { readModelsContract, readModelsPromises } from '../contract.ts';
import { put } from '../projection.ts';
import { mongoSetting } from './engine-for-specs.ts';
import { openMongoReadModels } from './index.ts';

const url = process.env.MONGODB_URL ?? '';
const withMongoDb = url === '' ? describe.skip : describe;

const calls = { name: 'calls', indexes: [['account', 'started'], ['started']] };
const statistics = { name: 'statistics', version: 1, collections: [calls] };

withMongoDb('MongoDB', () => {
  let client: MongoClient;
  beforeAll(() => {
    client = openMongoClient(url);
  });
  afterAll(() => client.close());
  const arrangeWith = (interpose?: Interpose) => mongoSetting(() => client, interpose);

  readModelsContract('MongoDB', arrangeWith());

  test('has the declared indexes, each ending with the id, and drops those that are no more declared', async () => {
    await using setting = await arrangeWith()();
    const models = await setting.open();
    const keys = async () =>
      (await client.db(setting.database).collection('statistics@1.calls').indexes()).map(({ key }) => Object.keys(key).join());
    await models.declare([statistics]);
    await models.declare([statistics]);
    expect((await keys()).sort()).toEqual(['_id', 'doc.account,doc.started,_id', 'doc.started,_id']);
    await models.declare([{ ...statistics, collections: [{ name: 'calls', indexes: [['started']] }] }]);
    expect((await keys()).sort()).toEqual(['_id', 'doc.started,_id']);
    await models.close();
  });

  test('keeps documents whose names MongoDB does not take', async () => {
    await using setting = await arrangeWith()();
    const models = await setting.open();
    const document = { 'a.b': { $set: 1, '': [{ '%2e': null, '\0': true }] }, $where: 'x' };
    await models.declare([statistics]);
    await models.apply(statistics, [{ position: 1, key: 'a-1', changes: [put('calls', 'x', document)] }], 1);
    expect(await models.get(statistics, 'calls', 'x')).toEqual(document);
    await models.close();
  });

  test('pages stay stable while documents are added and go', async () => {
    await using setting = await arrangeWith()();
    const models = await setting.open();
    await models.declare([statistics]);
    const at = (n: number) => ({ position: n, key: 'a-1', changes: [put('calls', String(n).padStart(3, '0'), { n, started: 'same' })] });
    await models.apply(
      statistics,
      Array.from({ length: 30 }, (_, n) => at(n + 1)),
      30,
    );
    const page = (offset: number) => models.find(statistics, 'calls', { where: { started: 'same' }, offset, limit: 10 });
    const [first, second] = [await page(0), await page(10)];
    await models.apply(statistics, [at(31)], 31);
    expect([await page(0), await page(10)]).toEqual([first, second]);
    await models.close();
  });

  describe('the contract notices, with this engine beneath, that', () => {
    const mutations: Record<string, { readonly interpose: Interpose; readonly noticed: string }> = {
      'checkpoints are not kept': {
        noticed: 'moves its checkpoint with a batch that changes nothing, and never back',
        interpose: ({ collection, method, args }, make) => {
          const [filter, update] = args as [object, { $max?: object }];
          return collection === 'projections' && method === 'updateOne' && update.$max !== undefined
            ? make([filter, { $max: { checkpoint: 1 } }])
            : make(args);
        },
      },
      'parked events are not kept': {
        noticed: 'parks later events of the same stream, in this batch and the next, and no other',
        interpose: ({ collection, method, args }, make) =>
          collection === 'parked' && method === 'insertMany' ? Promise.resolve({}) : make(args),
      },
      'a rebuild keeps the documents': {
        noticed: 'begins a rebuild with nothing: no document, no checkpoint, no parked event',
        interpose: ({ method, args }, make) => (method === 'drop' ? Promise.resolve(true) : make(args)),
      },
    };
    test.each(Object.entries(mutations))('%s', async (_, { interpose, noticed }) => {
      const promise = { [noticed]: readModelsPromises[noticed] ?? unknownPromise };
      expect(await brokenPromises(promise, arrangeWith(interpose), { hangsAfterMs: 10_000 })).toEqual([noticed]);
    });
  });
});

test('a MongoDB that never answered is unavailable within 2 s', async () => {
  await using nowhere = openMongoClient('mongodb://127.0.0.1:1/');
  const models = openMongoReadModels({ client: nowhere, database: 'spec' });
  const begun = performance.now();
  await expect(models.get(statistics, 'calls', 'x')).rejects.toMatchObject({ code: 'unavailable' });
  await expect(models.apply(statistics, [], 1)).rejects.toMatchObject({ code: 'unavailable' });
  expect(performance.now() - begun).toBeLessThan(2_500);
});

const unknownPromise = async (): Promise<void> => {
  throw new Error('no such promise');
};
