import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import { put } from '../projection.ts';
import { at, opened, other, type ReadModelsSetting, town } from './setting.ts';

export const closePromises: Promises<ReadModelsSetting> = {
  'finds everything again when it is opened anew': opened(async (models, again) => {
    await models.apply(town, [at(4, [put('people', 'a', { name: 'Ann', age: 3 })]), { ...at(5, [], 'bad-1'), parked: 'failed' }], 6);
    const reopened = await again();
    expect(await reopened.get(town, 'people', 'a')).toEqual({ name: 'Ann', age: 3 });
    expect(await reopened.find(town, 'people', { where: { age: 3 }, limit: 5 })).toHaveLength(1);
    expect([await reopened.checkpoint(town), (await reopened.parked()).length]).toEqual([6, 1]);
  }),

  'finishes what it has accepted before it closes': opened(async (models, again) => {
    const applied = [
      models.apply(town, [at(1, [put('people', 'a', { n: 1 })])], 1),
      models.apply(other, [at(1, [put('sums', 'a', { n: 2 })])], 1),
    ];
    const reopened = await again();
    await Promise.all(applied);
    expect([await reopened.get(town, 'people', 'a'), await reopened.get(other, 'sums', 'a')]).toEqual([{ n: 1 }, { n: 2 }]);
  }),

  'is unavailable once it is closed': opened(async (models) => {
    await models.close();
    for (const ask of [
      models.get(town, 'people', 'a'),
      models.find(town, 'people', { limit: 1 }),
      models.apply(town, [], 1),
      models.checkpoint(town),
    ]) {
      await expect(ask).rejects.toMatchObject({ code: 'unavailable' });
    }
  }),
};
