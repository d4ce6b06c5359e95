import { brokenPromises } from '@flexistream/kernel/contract';
import { openMongoClient } from '@flexistream/mongodb';
import { dyingAt, type Interpose } from '@flexistream/mongodb/for-tests';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MongoClient } from 'mongodb';
import type { EventChanges, ProjectionRef, ReadModels } from '../port.ts';
import { add, drop, foldDocument, patch, put } from '../projection.ts';
import { type MongoSetting, mongoSetting } from './engine-for-specs.ts';

const url = process.env.MONGODB_URL ?? '';
const withMongoDb = url === '' ? describe.skip : describe;

const things = { name: 'things', indexes: [['n']] };
const sums = { name: 'sums', indexes: [] };
const rows = { name: 'rows', indexes: [], positioned: true } as const;
const town: ProjectionRef = { name: 'town', version: 1, collections: [things, sums, rows] };
const row = (position: number) => `${String(position).padStart(16, '0')}/a`;

/** Throws on any other state than the one that it must meet: a repeat that it meets twice is parked, and so is found. */
const rising = (id: string, from: number) =>
  foldDocument<{ n: number; [field: string]: unknown }>('things', id, (document) => {
    if ((document?.n ?? 0) !== from) throw new RangeError('met another state');
    return { n: from + 1 };
  });
const failing = foldDocument('things', 'never', () => {
  throw new TypeError('never');
});
const at = (position: number, changes: EventChanges['changes'], key = 'a-1'): EventChanges => ({ position, key, changes });

const before: readonly EventChanges[] = [
  at(1, [put('things', 'a', { n: 1 }), put('things', 'old', { n: 7 })]),
  at(2, [add('sums', 'x', { n: 1 }), rising('b', 0)]),
];
const batch: readonly EventChanges[] = [
  at(3, [rising('a', 1), add('sums', 'x', { n: 10 }), put('rows', row(3), { n: 3 })]),
  at(4, [add('sums', 'y', { n: 1 }), put('rows', row(4), { n: 4 })], 'bad-1'),
  at(5, [add('sums', 'x', { n: 1_000 }), failing], 'bad-1'),
  at(6, [rising('old', 7), rising('b', 1), add('sums', 'x', { n: 100 })]),
  at(7, [drop('things', 'old'), rising('a', 2)]),
  at(8, [put('things', 'short', { n: 1 })]),
  at(9, [rising('short', 1), drop('things', 'short')]),
  at(10, [drop('things', 'b'), drop('rows', row(4)), put('rows', row(10), { n: 10 })]),
  at(11, [rising('b', 0), patch('things', 'a', { late: true })]),
  at(12, [add('sums', 'y', { n: 5 })], 'bad-1'),
];
const last = 12;

const stateOf = async (models: ReadModels) => ({
  things: Object.fromEntries(await models.getMany(town, 'things', ['a', 'b', 'old', 'short', 'never'])),
  sums: Object.fromEntries(await models.getMany(town, 'sums', ['x', 'y'])),
  rows: Object.fromEntries(await models.getMany(town, 'rows', [3, 4, 10].map(row))),
  parked: (await models.parked(town)).map(({ position, key }) => [position, key]),
  checkpoint: await models.checkpoint(town),
});
const expected = {
  things: { a: { n: 3, late: true }, b: { n: 1 } },
  sums: { x: { n: 111 }, y: { n: 1 } },
  rows: { [row(3)]: { n: 3 }, [row(10)]: { n: 10 } },
  parked: [
    [5, 'bad-1'],
    [12, 'bad-1'],
  ],
  checkpoint: last,
};

const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const steps = times(8, (n) => n + 1).flatMap((nth) => [
  { nth, when: 'before' as const },
  { nth, when: 'after' as const },
]);
type Step = (typeof steps)[number];

/** From its checkpoint on, in batches of that size, as a follower does. */
const goOn = async (models: ReadModels, size: number): Promise<void> => {
  const from = await models.checkpoint(town);
  const events = [...before, ...batch].filter(({ position }) => position > from);
  for (let n = 0; n < events.length; n += size) {
    const part = events.slice(n, n + size);
    await models.apply(town, part, part.at(-1)?.position ?? from);
  }
};

withMongoDb('MongoDB', () => {
  let client: MongoClient;
  beforeAll(() => {
    client = openMongoClient(url);
  });
  afterAll(() => client.close());
  const arrange = mongoSetting(() => client);

  const opened = async (setting: MongoSetting, interpose?: Interpose): Promise<ReadModels> => {
    const models = await setting.open(interpose);
    await models.declare([town]);
    return models;
  };

  /** Runs `work` in a process that dies once it is declared; answers whether it did. */
  const dying = async (setting: MongoSetting, { nth, when }: Step, work: (models: ReadModels) => Promise<unknown>): Promise<boolean> => {
    const { interpose, died } = dyingAt(nth, when);
    await work(await setting.open(interpose)).catch(() => {});
    return died();
  };

  const crashed = async (setting: MongoSetting, step: Step, size: number, always?: Interpose) => {
    await (await opened(setting)).apply(town, before, 2);
    const dead = dyingAt(step.nth, step.when);
    const interpose: Interpose =
      always === undefined ? dead.interpose : (write, make) => dead.interpose(write, (args) => always({ ...write, args }, make));
    const first = await setting.open(interpose);
    await first.apply(town, batch, last).catch(() => {});
    const second = await opened(setting, always);
    await goOn(second, size);
    return stateOf(second);
  };

  test('the history ends as expected without any crash', async () => {
    await using setting = await arrange();
    const models = await opened(setting);
    await goOn(models, 100);
    expect(await stateOf(models)).toEqual(expected);
  });

  describe('when a process dies in a batch, at any of its writes', () => {
    test('the steps reach the end of the batch', async () => {
      await using setting = await arrange();
      await (await opened(setting)).apply(town, before, 2);
      expect(await dying(setting, steps.at(-1) ?? { nth: 1, when: 'before' }, (models) => models.apply(town, batch, last))).toBe(false);
    });

    test.each(steps.flatMap((step) => [1, 4, 100].map((size) => ({ ...step, size }))))(
      'the next one ends the same: $when write $nth, then batches of $size',
      async ({ size, ...step }) => {
        await using setting = await arrange();
        expect(await crashed(setting, step, size)).toEqual(expected);
      },
    );
  });

  test('what was made before its process died, and is made and dropped in the batch that comes again, is gone', async () => {
    await using setting = await arrange();
    await opened(setting);
    const [made, dropped] = [at(1, [put('rows', row(1), { n: 1 })]), at(2, [drop('rows', row(1))])];
    expect(await dying(setting, { nth: 2, when: 'before' }, (models) => models.apply(town, [made], 1))).toBe(true);
    const next = await opened(setting);
    expect(await next.get(town, 'rows', row(1))).toEqual({ n: 1 });
    await next.apply(town, [made, dropped], 2);
    expect(await next.get(town, 'rows', row(1))).toBeUndefined();
  });

  describe('when a process dies while it retries a parked event', () => {
    test.each(steps.slice(0, 8))('its changes are made once: $when write $nth', async (step) => {
      await using setting = await arrange();
      const first = await opened(setting);
      await goOn(first, 100);
      const late = [at(5, [add('sums', 'x', { n: 1_000 }), add('sums', 'new', { n: 1 }), drop('things', 'a')], 'bad-1')];
      await dying(setting, step, (models) => models.unpark(town, late));
      const next = await opened(setting);
      await next.apply(town, [at(13, [add('sums', 'x', { n: 10_000 })])], 13); // the documents go on meanwhile
      await next.unpark(town, late);
      await next.unpark(town, late);
      expect([await next.get(town, 'sums', 'x'), await next.get(town, 'sums', 'new')]).toEqual([{ n: 11_111 }, { n: 1 }]);
      expect((await next.parked(town)).map(({ position }) => position)).toEqual([12]);
    });
  });

  describe('when a process dies at the beginning of a rebuild', () => {
    test.each(steps)('going on, or beginning again, ends the same: $when write $nth', async (step) => {
      for (const again of [false, true]) {
        await using setting = await arrange();
        const first = await opened(setting);
        await goOn(first, 100);
        await dying(setting, step, (models) => models.beginRebuild(town));
        const next = await opened(setting);
        if (again) await next.beginRebuild(town);
        await goOn(next, 5);
        await next.finishRebuild(town);
        expect(await stateOf(next)).toEqual(expected);
      }
    });
  });

  /** Each takes one of the safeguards away: the crashes above are proven by what they notice. */
  describe('the crashes notice that', () => {
    const without: Record<string, Interpose> = {
      'what is dropped is not remembered': ({ collection, method, args }, make) =>
        collection === 'dropped' && method === 'bulkWrite' ? Promise.resolve({}) : make(args),
      'documents do not keep their positions': ({ method, args }, make) => {
        if (method !== 'bulkWrite') return make(args);
        const operations = args[0] as { insertOne?: { document: object }; replaceOne?: { replacement: object } }[];
        for (const { insertOne, replaceOne } of operations) Object.assign(insertOne?.document ?? replaceOne?.replacement ?? {}, { at: 0 });
        return make(args);
      },
      'the checkpoint comes first': (write, make) => {
        if (write.method === 'insertMany')
          return client
            .db(current)
            .collection('projections')
            .updateOne({ _id: 'town@1' } as object, { $max: { checkpoint: last } })
            .then(() => make(write.args));
        return make(write.args);
      },
    };
    let current = '';

    test.each(Object.entries(without))('%s', async (_, interpose) => {
      const promises = Object.fromEntries(
        steps.map((step) => [
          `${step.when} ${step.nth}`,
          async (setting: MongoSetting) => {
            current = setting.database;
            expect(await crashed(setting, step, 1, interpose)).toEqual(expected);
          },
        ]),
      );
      const broken: string[] = [];
      for (const [name, check] of Object.entries(promises))
        broken.push(...(await brokenPromises({ [name]: check }, arrange, { hangsAfterMs: 10_000 })));
      expect(broken).not.toEqual([]);
      expect(broken.length).toBeLessThan(steps.length); // without a crash in between it is no fault
    });
  });
});
