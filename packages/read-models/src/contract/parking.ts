import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { Change, FoldChange, ReadModels } from '../port.ts';
import { add, drop, foldDocument, patch, put } from '../projection.ts';
import { at, opened, other, type ReadModelsSetting, town } from './setting.ts';

const failing = (id = 'x'): FoldChange =>
  foldDocument('sums', id, (document) => {
    throw new TypeError(`cannot take ${JSON.stringify(document)} of Jane`);
  });

const placesOf = async (models: ReadModels) => (await models.parked(town)).map(({ position, key }) => [position, key]);

/** One event of `bad-1` is parked at position 2, the document `x` stands at `{ n: 1 }`. */
const withParked = (check: (models: ReadModels, again: () => Promise<ReadModels>) => Promise<void>) =>
  opened(async (models, again) => {
    await models.apply(town, [at(1, [put('sums', 'x', { n: 1 })]), at(2, [add('sums', 'x', { n: 10 }), failing()], 'bad-1')], 2);
    await check(models, again);
  });

const parking = {
  'parks an event that fails, makes none of its changes, and goes on with others': opened(async (models) => {
    const events = [
      at(1, [put('sums', 'x', { n: 1 })]),
      at(2, [add('sums', 'x', { n: 10 }), put('sums', 'y', { n: 1 }), failing()], 'bad-1'),
      at(3, [add('sums', 'x', { n: 100 })]),
    ];
    const parked = await models.apply(town, events, 3);
    expect(parked).toEqual([{ projection: 'town', version: 1, position: 2, key: 'bad-1', error: expect.stringContaining('TypeError') }]);
    expect(await models.parked(town)).toEqual(parked);
    expect([await models.get(town, 'sums', 'x'), await models.get(town, 'sums', 'y')]).toEqual([{ n: 101 }, undefined]);
    expect(await models.checkpoint(town)).toBe(3);
  }),

  'parks an event that adds to what is no number': opened(async (models) => {
    await models.apply(town, [at(1, [put('sums', 'x', { n: 'one', m: 1 })]), at(2, [add('sums', 'x', { m: 1, n: 1 })], 'bad-1')], 2);
    expect(await placesOf(models)).toEqual([[2, 'bad-1']]);
    expect(await models.get(town, 'sums', 'x')).toEqual({ n: 'one', m: 1 });
  }),

  'parks an event whose document is no JSON': opened(async (models) => {
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    await models.apply(
      town,
      [at(1, [put('sums', 'x', { n: 1 })]), at(2, [put('sums', 'y', endless)], 'bad-1'), at(3, [add('sums', 'x', { n: 1 })])],
      3,
    );
    expect(await placesOf(models)).toEqual([[2, 'bad-1']]);
    expect([await models.get(town, 'sums', 'x'), await models.get(town, 'sums', 'y')]).toEqual([{ n: 2 }, undefined]);
  }),

  'parks an event whose changes could not be told': opened(async (models) => {
    await models.apply(town, [{ ...at(1, [], 'bad-1'), parked: 'Error in view.ts:7' }], 1);
    expect(await models.parked()).toMatchObject([{ position: 1, key: 'bad-1', error: 'Error in view.ts:7' }]);
  }),

  'tells where an event failed, never with what': withParked(async (models) => {
    expect(JSON.stringify(await models.parked())).not.toMatch(/Jane|"n"|:1\}/);
  }),

  'parks later events of the same stream, in this batch and the next, and no other': opened(async (models, again) => {
    const ok = (key: string, position: number) => at(position, [add('sums', key, { n: 1 })], key);
    await models.apply(town, [at(1, [failing()], 'bad-1'), ok('bad-1', 2), ok('a-1', 3)], 3);
    const reopened = await again();
    await reopened.apply(town, [ok('bad-1', 4), ok('a-1', 5), at(6, [], 'bad-1')], 6);
    await reopened.apply(other, [ok('bad-1', 4)], 4);
    expect(await placesOf(reopened)).toEqual([
      [1, 'bad-1'],
      [2, 'bad-1'],
      [4, 'bad-1'],
    ]);
    expect([await reopened.get(town, 'sums', 'bad-1'), await reopened.get(town, 'sums', 'a-1')]).toEqual([undefined, { n: 2 }]);
    expect([await reopened.get(other, 'sums', 'bad-1'), await reopened.parked(other)]).toEqual([{ n: 1 }, []]);
  }),

  'lists a parked event once, however often it comes': withParked(async (models) => {
    await models.apply(town, [at(2, [add('sums', 'x', { n: 10 }), failing()], 'bad-1')], 2);
    expect(await placesOf(models)).toEqual([[2, 'bad-1']]);
  }),
} satisfies Promises<ReadModelsSetting>;

const mended: Change = add('sums', 'x', { n: 10 });

const retrying = {
  'makes the changes of a parked event after all, and takes its stream in again': withParked(async (models, again) => {
    await models.unpark(town, [at(2, [mended], 'bad-1')]);
    const reopened = await again();
    expect([await reopened.parked(), await reopened.get(town, 'sums', 'x')]).toEqual([[], { n: 11 }]);
    await reopened.apply(town, [at(3, [add('sums', 'x', { n: 100 })], 'bad-1')], 3);
    expect([await reopened.parked(), await reopened.get(town, 'sums', 'x')]).toEqual([[], { n: 111 }]);
  }),

  'adds to a document that has gone on meanwhile, and keeps its place': withParked(async (models) => {
    await models.apply(town, [at(3, [add('sums', 'x', { n: 100 })])], 3);
    await models.unpark(town, [at(2, [mended, patch('sums', 'x', { late: true })], 'bad-1')]);
    await models.apply(town, [at(3, [add('sums', 'x', { n: 100 })])], 3);
    expect(await models.get(town, 'sums', 'x')).toEqual({ n: 111, late: true });
  }),

  'replaces and drops no document that has gone on meanwhile': withParked(async (models) => {
    await models.apply(town, [at(3, [put('sums', 'x', { n: 5 }), put('sums', 'y', { n: 6 })])], 3);
    await models.unpark(town, [at(2, [put('sums', 'x', { n: 0 }), drop('sums', 'y'), put('sums', 'z', { n: 7 })], 'bad-1')]);
    const found = await Promise.all(['x', 'y', 'z'].map((id) => models.get(town, 'sums', id)));
    expect(found).toEqual([{ n: 5 }, { n: 6 }, { n: 7 }]);
  }),

  'changes nothing when a parked event fails again': withParked(async (models) => {
    await expect(models.unpark(town, [at(2, [mended, failing()], 'bad-1')])).rejects.toBeInstanceOf(TypeError);
    expect([await placesOf(models), await models.get(town, 'sums', 'x')]).toEqual([[[2, 'bad-1']], { n: 1 }]);
  }),

  'keeps a stream closed while any of its events is parked': withParked(async (models) => {
    await models.apply(town, [at(3, [add('sums', 'x', { n: 100 })], 'bad-1')], 3);
    await models.unpark(town, [at(2, [mended], 'bad-1')]);
    await models.apply(town, [at(4, [add('sums', 'x', { n: 1_000 })], 'bad-1')], 4);
    expect([await placesOf(models), await models.get(town, 'sums', 'x')]).toEqual([
      [
        [3, 'bad-1'],
        [4, 'bad-1'],
      ],
      { n: 11 },
    ]);
  }),
} satisfies Promises<ReadModelsSetting>;

export const parkPromises: Promises<ReadModelsSetting> = { ...parking, ...retrying };
