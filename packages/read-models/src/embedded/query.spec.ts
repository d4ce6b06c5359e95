import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessWriter, Reader } from '@flexistream/sqlite';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Query } from '../port.ts';
import { put } from '../projection.ts';
import { openReadModels } from './index.ts';
import { queryOf } from './query.ts';

const calls = { name: 'calls', indexes: [['account', 'started'], ['account', 'kind', 'started'], ['started']] };
const projection = { name: 'statistics', version: 1, collections: [calls] };

const writer = new InProcessWriter();
let folder: string;
let reader: Reader;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-query-'));
  const models = await openReadModels({ file: join(folder, 'views.db'), writer });
  await models.declare([projection]);
  const changes = Array.from({ length: 500 }, (_, n) =>
    put('calls', n, { account: n % 7, kind: n % 2 ? 'audio' : 'video', started: `2026-${n}` }),
  );
  await models.apply(projection, [{ position: 1, key: 'a-1', changes }], 1);
  reader = new Reader(join(folder, 'views.db'), 100);
});

afterAll(async () => {
  reader.close();
  await writer.close();
  await rm(folder, { recursive: true });
});

const planOf = (query: Omit<Query, 'limit'>): string => {
  const { sql, values } = queryOf(projection, 'calls', { ...query, limit: 10 });
  return reader
    .all<{ detail: string }>(`EXPLAIN QUERY PLAN ${sql}`, ...values)
    .map(({ detail }) => detail)
    .join('; ');
};
const falling = (...by: string[]) => ({ order: { by, direction: 'descending' } }) as const;
const rising = (...by: string[]) => ({ order: { by, direction: 'ascending' } }) as const;

/** Neither a scan of the table nor a sort: what is read is what is answered. */
describe('a query works on the declared index alone', () => {
  test.each<readonly [string, Omit<Query, 'limit'>, string]>([
    ['with equality', { where: { account: 3 } }, 'by account'],
    ['with two of them', { where: { kind: 'audio', account: 3 } }, 'by account, kind, started (<expr>=? AND <expr>=?)'],
    ['with nothing in a field', { where: { account: null } }, 'by account'],
    ['with an order', { where: { account: 3 }, ...falling('started') }, 'by account, started (<expr>=?)'],
    [
      'with the other order',
      { where: { account: 3, kind: 'audio' }, ...rising('started') },
      'by account, kind, started (<expr>=? AND <expr>=?)',
    ],
    [
      'with a range and its order',
      { where: { account: 3 }, range: { field: 'started', from: '2026-1', below: '2026-3' }, ...falling('started') },
      'by account, started (<expr>=? AND <expr>>? AND <expr><?)',
    ],
    ['with a range alone', { range: { field: 'started', from: '2026-1' } }, 'by started (<expr>>?)'],
  ])('%s', (_, query, index) => {
    const plan = planOf(query);
    expect(plan).toContain('SEARCH statistics@1.calls USING INDEX statistics@1.calls by ');
    expect(plan).toContain(index);
    expect(plan).not.toContain('TEMP B-TREE');
  });

  test('with an order alone', () => {
    expect(planOf(falling('started'))).toBe('SCAN statistics@1.calls USING INDEX statistics@1.calls by started');
  });
});

describe('names in SQL', () => {
  test('are refused when they are no names', () => {
    const odd = { ...projection, collections: [{ name: 'calls', indexes: [["a') --"]] }] };
    expect(() => queryOf(odd, 'calls', { where: { "a') --": 1 }, limit: 1 })).toThrow(RangeError);
    expect(() => queryOf({ ...projection, name: 'a"b' }, 'calls', { limit: 1 })).toThrow(RangeError);
  });
});
