import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import { put } from '../projection.ts';
import { at, nextTown, opened, other, type ReadModelsSetting, times, town } from './setting.ts';

const everyone = times(20, (n) => at(n + 1, [put('people', `${n}`, { name: `name ${n}`, age: n, town: n % 2 ? 'Aix' : 'Bonn' })]));
const adults = { where: { town: 'Aix' }, range: { field: 'age', from: 15 }, limit: 10 } as const;

export const rebuildPromises: Promises<ReadModelsSetting> = {
  'begins a rebuild with nothing: no document, no checkpoint, no parked event': opened(async (models) => {
    await models.apply(town, [...everyone, { ...at(30, [], 'bad-1'), parked: 'failed' }], 30);
    await models.apply(other, [at(1, [put('sums', 'x', { n: 1 })])], 1);
    await models.beginRebuild(town);
    expect([await models.get(town, 'people', '0'), await models.checkpoint(town), await models.parked()]).toEqual([undefined, 0, []]);
    expect([await models.get(other, 'sums', 'x'), await models.checkpoint(other)]).toEqual([{ n: 1 }, 1]);
  }),

  'is the same after a rebuild, its indexes too': opened(async (models, again) => {
    await models.apply(town, everyone, 20);
    const before = await models.find(town, 'people', adults);
    await models.beginRebuild(town);
    await models.apply(town, everyone.slice(0, 7), 7);
    await models.apply(town, everyone.slice(7), 20);
    await models.finishRebuild(town);
    const reopened = await again();
    expect(before.map(({ age }) => age)).toEqual([15, 17, 19]);
    expect(await reopened.find(town, 'people', adults)).toEqual(before);
    expect(await reopened.checkpoint(town)).toBe(20);
  }),

  'goes on with a rebuild that was interrupted': opened(async (models, again) => {
    await models.apply(town, everyone, 20);
    await models.beginRebuild(town);
    await models.apply(town, everyone.slice(0, 10), 10);
    const reopened = await again();
    expect(await reopened.checkpoint(town)).toBe(10);
    await reopened.apply(town, everyone.slice(10), 20);
    await reopened.finishRebuild(town);
    expect((await reopened.find(town, 'people', adults)).map(({ age }) => age)).toEqual([15, 17, 19]);
  }),

  'keeps only the projections that are named': opened(async (models) => {
    for (const one of [town, nextTown]) await models.apply(one, everyone, 20);
    await models.apply(nextTown, [{ ...at(21, [], 'bad-1'), parked: 'failed' }], 21);
    await models.apply(town, [{ ...at(21, [], 'bad-1'), parked: 'failed' }], 21);
    await models.keepOnly([nextTown, other]);
    expect(await models.get(nextTown, 'people', '3')).toMatchObject({ age: 3 });
    expect((await models.parked()).map(({ version }) => version)).toEqual([2]);
    await models.declare([town]);
    expect([await models.get(town, 'people', '3'), await models.checkpoint(town), await models.parked(town)]).toEqual([undefined, 0, []]);
  }),

  'knows only projections that were declared': opened(async (models) => {
    const unknown = { ...town, name: 'unknown' };
    await expect(models.checkpoint(unknown)).rejects.toBeInstanceOf(Error);
    await expect(models.apply(unknown, everyone, 20)).rejects.toBeInstanceOf(Error);
  }),
};
