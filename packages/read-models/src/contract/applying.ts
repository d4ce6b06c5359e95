import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { EventChanges } from '../port.ts';
import { add, drop, foldDocument, patch, put } from '../projection.ts';
import { at, documents, nextTown, opened, other, type ReadModelsSetting, times, town } from './setting.ts';

interface Counted {
  readonly [field: string]: unknown;
  readonly count: number;
}

const changing = {
  'puts, patches, adds to, folds and drops documents': opened(async (models) => {
    await models.apply(
      town,
      [
        at(1, [put('people', 'a', { name: 'Ann', age: 1 }), put('people', 'b', { name: 'Bob' }), put('people', 'c', { name: 'Cid' })]),
        at(2, [patch('people', 'a', { age: 2, town: 'Aix' }), drop('people', 'b'), put('people', 'c', { name: 'Cleo' })]),
        at(3, [add('sums', 'x', { births: 2 })]),
        at(4, [add('sums', 'x', { births: 1, deaths: 0.5 }), add('sums', 'y', { births: -1 })]),
        at(5, [foldDocument<Counted>('sums', 'z', (document) => ({ count: (document?.count ?? 0) + 1 }))]),
      ],
      5,
    );
    await models.apply(town, [at(6, [foldDocument<Counted>('sums', 'z', (document) => ({ count: (document?.count ?? 0) + 1 }))])], 6);
    expect(await documents(models, town, 'people', ['a', 'b', 'c', 'd'])).toEqual({
      a: { name: 'Ann', age: 2, town: 'Aix' },
      c: { name: 'Cleo' },
    });
    expect(await documents(models, town, 'sums', ['x', 'y', 'z'])).toEqual({
      x: { births: 3, deaths: 0.5 },
      y: { births: -1 },
      z: { count: 2 },
    });
  }),

  'makes, changes and drops hundreds of documents in one batch each': opened(async (models) => {
    const each = (from: number, change: (id: string) => EventChanges['changes'][number]) =>
      times(300, (n) => at(from + n, [change(String(n))]));
    await models.apply(
      town,
      each(1, (id) => put('sums', id, { n: 1 })),
      300,
    );
    await models.apply(
      town,
      each(301, (id) => add('sums', id, { n: 1 })),
      600,
    );
    expect([await models.get(town, 'sums', '0'), await models.get(town, 'sums', '299')]).toEqual([{ n: 2 }, { n: 2 }]);
    await models.apply(
      town,
      each(601, (id) => drop('sums', id)),
      900,
    );
    expect(await models.find(town, 'sums', { limit: 1_000 })).toEqual([]);
  }),

  'patches and drops nothing where nothing is': opened(async (models) => {
    await models.apply(town, [at(1, [patch('people', 'a', { age: 2 }), drop('people', 'b')])], 1);
    expect([await models.get(town, 'people', 'a'), await models.get(town, 'people', 'b')]).toEqual([undefined, undefined]);
  }),

  'drops a document that folds to nothing': opened(async (models) => {
    await models.apply(town, [at(1, [put('people', 'a', { name: 'Ann' })])], 1);
    await models.apply(town, [at(2, [foldDocument('people', 'a', () => undefined)])], 2);
    expect(await models.get(town, 'people', 'a')).toBeUndefined();
  }),

  'makes all changes of an event to one document': opened(async (models) => {
    await models.apply(town, [at(1, [put('sums', 'x', { n: 1 }), patch('sums', 'x', { label: 'l' }), add('sums', 'x', { n: 4 })])], 1);
    await models.apply(town, [at(2, [add('sums', 'x', { n: 10 }), add('sums', 'x', { n: 100 })])], 2);
    expect(await models.get(town, 'sums', 'x')).toEqual({ label: 'l', n: 115 });
  }),

  'makes a document anew after it was dropped': opened(async (models) => {
    await models.apply(
      town,
      [at(1, [put('sums', 'x', { n: 1, old: true })]), at(2, [drop('sums', 'x')]), at(3, [add('sums', 'x', { n: 5 })])],
      3,
    );
    expect(await models.get(town, 'sums', 'x')).toEqual({ n: 5 });
  }),

  'gives documents back whole': opened(async (models) => {
    const document = { text: 'ünï "q" \u0000 🦉', list: [1, null, { deep: [] }], yes: true, no: false, nothing: null, number: 1.5e-7 };
    await models.apply(town, [at(1, [put('people', "o'id", document)])], 1);
    expect(await models.get(town, 'people', "o'id")).toEqual(document);
  }),

  'keeps collections, versions and projections apart': opened(async (models) => {
    await models.apply(town, [at(1, [put('people', 'a', { n: 1 }), put('sums', 'a', { n: 2 })])], 1);
    await models.apply(nextTown, [at(2, [put('sums', 'a', { n: 3 })])], 2);
    await models.apply(other, [at(3, [put('sums', 'a', { n: 4 })])], 3);
    const found = [
      models.get(town, 'people', 'a'),
      models.get(town, 'sums', 'a'),
      models.get(nextTown, 'sums', 'a'),
      models.get(other, 'sums', 'a'),
    ];
    expect(await Promise.all(found)).toEqual([{ n: 1 }, { n: 2 }, { n: 3 }, { n: 4 }]);
    expect(await Promise.all([town, nextTown, other].map((one) => models.checkpoint(one)))).toEqual([1, 2, 3]);
  }),
} satisfies Promises<ReadModelsSetting>;

/** Adds, replaces, drops and makes anew. */
const history: readonly EventChanges[] = [
  at(1, [put('people', 'a', { name: 'Ann', age: 1 }), add('sums', 'x', { n: 1 })]),
  at(2, [patch('people', 'a', { age: 2 }), add('sums', 'x', { n: 10 })]),
  at(3, [drop('people', 'a'), add('sums', 'x', { n: 100 }), add('sums', 'gone', { n: 1 })]),
  at(4, [drop('sums', 'gone'), foldDocument<Counted>('sums', 'z', (document) => ({ count: (document?.count ?? 0) + 1 }))]),
  at(5, [put('people', 'b', { name: 'Bob' }), foldDocument<Counted>('sums', 'z', (document) => ({ count: (document?.count ?? 0) + 1 }))]),
];
const outcome = { a: undefined, b: { name: 'Bob' }, x: { n: 111 }, gone: undefined, z: { count: 2 } };

const repeating = {
  'ends the same when everything comes twice, the second time in other batches': opened(async (models) => {
    await models.apply(town, history, 5);
    for (const batch of [history.slice(0, 1), history.slice(1, 4), history.slice(4), history]) {
      await models.apply(town, batch, batch.at(-1)?.position ?? 0);
    }
    const [a, b] = [await models.get(town, 'people', 'a'), await models.get(town, 'people', 'b')];
    const [x, gone, z] = [await models.get(town, 'sums', 'x'), await models.get(town, 'sums', 'gone'), await models.get(town, 'sums', 'z')];
    expect({ a, b, x, gone, z }).toEqual(outcome);
    expect(await models.checkpoint(town)).toBe(5);
  }),

  'takes what is new in a batch that overlaps': opened(async (models) => {
    const counts = times(10, (n) => at(n + 1, [add('sums', 'x', { n: 1 })]));
    await models.apply(town, counts.slice(0, 6), 6);
    await models.apply(town, counts.slice(3), 10);
    expect([await models.get(town, 'sums', 'x'), await models.checkpoint(town)]).toEqual([{ n: 10 }, 10]);
  }),

  'moves its checkpoint with a batch that changes nothing, and never back': opened(async (models) => {
    expect(await models.checkpoint(town)).toBe(0);
    await models.apply(town, [], 7);
    await models.apply(town, [], 3);
    expect(await models.checkpoint(town)).toBe(7);
  }),
} satisfies Promises<ReadModelsSetting>;

export const applyPromises: Promises<ReadModelsSetting> = { ...changing, ...repeating };
