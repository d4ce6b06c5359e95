import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { page, pageNumber } from './pagination.ts';

const url = 'http://host/api/accounts';
const items = (count: number) => Array.from({ length: count }, (_, index) => index);
const labels = (current: number, pages: number) =>
  page(items(20), { total: pages * 20, page: current, url, language: 'en' }).links.map(({ label, active }) =>
    active ? `[${label}]` : label,
  );

describe('a page', () => {
  test('is the object of the page auth-and-errors.md §11.1, members in order', () => {
    const first = page(items(20), { total: 22, page: 1, url, language: 'en' });
    expect(JSON.stringify({ ...first, data: [] })).toBe(
      '{"current_page":1,"data":[],"first_page_url":"http://host/api/accounts?page=1","from":1,"last_page":2,"last_page_url":"http://host/api/accounts?page=2",' +
        '"links":[{"url":null,"label":"&laquo; Previous","active":false},{"url":"http://host/api/accounts?page=1","label":"1","active":true},' +
        '{"url":"http://host/api/accounts?page=2","label":"2","active":false},{"url":"http://host/api/accounts?page=2","label":"Next &raquo;","active":false}],' +
        '"next_page_url":"http://host/api/accounts?page=2","path":"http://host/api/accounts","per_page":20,"prev_page_url":null,"to":20,"total":22}',
    );
    expect(first.data).toHaveLength(20);
  });

  test('ends with what is left', () =>
    expect(page(items(2), { total: 22, page: 2, url, language: 'en' })).toMatchObject({
      from: 21,
      to: 22,
      next_page_url: null,
      prev_page_url: `${url}?page=1`,
    }));

  test('is empty beyond the end', () =>
    expect(page([], { total: 22, page: 9, url, language: 'en' })).toMatchObject({
      current_page: 9,
      data: [],
      from: null,
      to: null,
      last_page: 2,
    }));

  test('is the only one of an empty list', () =>
    expect(page([], { total: 0, page: 1, url, language: 'en' })).toMatchObject({ last_page: 1, from: null, to: null, total: 0 }));

  test('has French labels', () => {
    const { links } = page([], { total: 0, page: 1, url, language: 'fr' });
    expect(links.map((link) => link.label)).toEqual(['&laquo; Précédent', '1', 'Suivant &raquo;']);
  });

  test.each([
    [1, 13, '[1] 2 3 4 5 6 7 8 9 10 11 12 13'],
    [1, 14, '[1] 2 3 4 5 6 7 8 9 10 ... 13 14'],
    [7, 14, '1 2 3 4 5 6 [7] 8 9 10 ... 13 14'],
    [8, 14, '1 2 ... 5 6 7 [8] 9 10 11 12 13 14'],
    [8, 30, '1 2 ... 5 6 7 [8] 9 10 11 ... 29 30'],
    [23, 30, '1 2 ... 20 21 22 [23] 24 25 26 ... 29 30'],
    [24, 30, '1 2 ... 21 22 23 [24] 25 26 27 28 29 30'],
    [30, 30, '1 2 ... 21 22 23 24 25 26 27 28 29 [30]'],
  ])('page %i of %i links to %s', (current, pages, expected) => expect(labels(current, pages).slice(1, -1).join(' ')).toBe(expected));

  test('marks the gap with a link that leads nowhere', () =>
    expect(page(items(20), { total: 400, page: 1, url, language: 'en' }).links[11]).toEqual({ url: null, label: '...', active: false }));

  test('always links the first, the last and the current page, in rising order', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 200 }), (a, b) => {
        const numbers = labels(Math.min(a, b), Math.max(a, b))
          .slice(1, -1)
          .filter((label) => label !== '...')
          .map((label) => Number(label.replace(/[[\]]/g, '')));
        expect(numbers).toEqual([...new Set(numbers)].sort((x, y) => x - y));
        expect(numbers).toEqual(expect.arrayContaining([1, Math.min(a, b), Math.max(a, b)]));
      }),
    );
  });
});

test.each([
  [undefined, 1],
  ['', 1],
  ['0', 1],
  ['-3', 1],
  ['abc', 1],
  ['2.5', 1],
  ['7', 7],
  ['1e9', 1],
])('?page=%s is page %i', (given, number) => expect(pageNumber(given)).toBe(number));
