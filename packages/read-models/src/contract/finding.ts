import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { Query, ReadModels } from '../port.ts';
import { drop, put } from '../projection.ts';
import { at, opened, type ReadModelsSetting, town } from './setting.ts';

const people = [
  { name: 'Ann', age: 30, town: 'Aix', active: true },
  { name: 'Bob', age: 25, town: 'Bonn', active: false },
  { name: 'Cid', age: 41, town: 'Aix', active: true },
  { name: 'Dan', age: 25, town: 'Aix', active: false },
  { name: 'Eve', age: 30, town: null, active: true },
  { name: 'Fay', age: 7 },
];

const inhabited = (
  check: (names: (query: Omit<Query, 'limit'> & { limit?: number }) => Promise<unknown[]>, models: ReadModels) => Promise<void>,
) =>
  opened(async (models) => {
    await models.apply(
      town,
      people.map((person, n) => at(n + 1, [put('people', person.name, person)])),
      people.length,
    );
    await check(async (query) => (await models.find(town, 'people', { limit: 100, ...query })).map(({ name }) => name), models);
  });

const rising = (...by: string[]) => ({ order: { by, direction: 'ascending' } }) as const;
const falling = (...by: string[]) => ({ order: { by, direction: 'descending' } }) as const;

export const findPromises: Promises<ReadModelsSetting> = {
  'finds by equality on the leading fields of an index': inhabited(async (names) => {
    expect((await names({ where: { town: 'Aix' } })).sort()).toEqual(['Ann', 'Cid', 'Dan']);
    expect((await names({ where: { age: 25 } })).sort()).toEqual(['Bob', 'Dan']);
    expect(await names({ where: { age: 25, town: 'Aix' } })).toEqual(['Dan']);
    expect(await names({ where: { name: 'Ann', active: true } })).toEqual(['Ann']);
    expect(await names({ where: { name: 'Ann', active: false } })).toEqual([]);
    expect((await names({ where: { active: false } })).sort()).toEqual(['Bob', 'Dan']);
    expect(await names({ where: { town: "'; --" } })).toEqual([]);
  }),

  'finds what has nothing in a field': inhabited(async (names) => {
    expect((await names({ where: { town: null } })).sort()).toEqual(['Eve', 'Fay']);
    expect(await names({ where: { town: null, name: 'Fay' } })).toEqual(['Fay']);
  }),

  'finds by a range on the next field, its lower end in it, its upper end not': inhabited(async (names) => {
    expect((await names({ range: { field: 'age', from: 25, below: 30 } })).sort()).toEqual(['Bob', 'Dan']);
    expect((await names({ range: { field: 'age', from: 30 } })).sort()).toEqual(['Ann', 'Cid', 'Eve']);
    expect((await names({ range: { field: 'age', below: 25 } })).sort()).toEqual(['Fay']);
    expect((await names({ where: { town: 'Aix' }, range: { field: 'age', from: 26 } })).sort()).toEqual(['Ann', 'Cid']);
    expect(await names({ where: { town: 'Aix' }, range: { field: 'name', from: 'B', below: 'D' } })).toEqual(['Cid']);
  }),

  'orders by the next fields, either way': inhabited(async (names) => {
    expect(await names({ where: { town: 'Aix' }, ...rising('age') })).toEqual(['Dan', 'Ann', 'Cid']);
    expect(await names({ where: { town: 'Aix' }, ...falling('name') })).toEqual(['Dan', 'Cid', 'Ann']);
    expect(await names({ where: { active: true }, ...rising('name') })).toEqual(['Ann', 'Cid', 'Eve']);
    expect(await names({ range: { field: 'age', from: 30 }, ...falling('age') }).then((found) => found[0])).toBe('Cid');
    expect(await names({ ...rising('active', 'name') }).then((found) => found.slice(1))).toEqual(['Bob', 'Dan', 'Ann', 'Cid', 'Eve']);
  }),

  'pages without a gap or an overlap, also among equals': inhabited(async (names) => {
    for (const order of [rising('age'), falling('age')]) {
      const pages = [];
      for (let offset = 0; offset < 6; offset += 2) pages.push(...(await names({ ...order, offset, limit: 2 })));
      expect([...pages].sort()).toEqual(['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay']);
      expect(pages).toEqual(await names(order));
    }
    expect(await names({ ...rising('age'), offset: 6, limit: 2 })).toEqual([]);
  }),

  'finds all documents, and none that was dropped': inhabited(async (names, models) => {
    expect((await names({})).sort()).toEqual(['Ann', 'Bob', 'Cid', 'Dan', 'Eve', 'Fay']);
    await models.apply(town, [at(9, [drop('people', 'Ann'), put('people', 'Bob', { name: 'Bob', town: 'Aix', age: 1 })])], 9);
    expect(await names({ where: { town: 'Aix' }, ...rising('age') })).toEqual(['Bob', 'Dan', 'Cid']);
  }),

  'refuses what no declared index serves': inhabited(async (names) => {
    const queries = [
      { where: { name: 'Ann' } },
      { where: { town: 'Aix', active: true } },
      { where: { town: 'Aix' }, ...rising('active') },
      { where: { age: 25 }, range: { field: 'name', from: 'A' } },
      { where: { town: 'Aix' }, range: { field: 'age', from: 1 }, ...rising('name') },
      rising('name'),
      rising('town', 'active'),
    ];
    for (const query of queries) await expect(names(query)).rejects.toMatchObject({ code: 'read-models/not-indexed' });
  }),
};
