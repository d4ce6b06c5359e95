import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { decoded, encoded } from './field-names.ts';

const namesIn = (value: unknown): string[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([name, inner]) => [...(Array.isArray(value) ? [] : [name]), ...namesIn(inner)]);

const odd = fc.oneof(fc.string(), fc.constantFrom('', '.', '$', '%', '%2e', '$a.b', 'a$', '\0', '%%', '__proto__', '0'));
const documents = fc.dictionary(odd, fc.anything({ key: odd, values: [fc.string(), fc.integer(), fc.boolean(), fc.constant(null)] }));

describe('names of fields', () => {
  test('come back as they were', () =>
    fc.assert(
      fc.property(documents, (document) => {
        const json = JSON.parse(JSON.stringify(document));
        expect(decoded(encoded(document))).toEqual(json);
      }),
    ));

  test('are such as MongoDB takes', () =>
    fc.assert(
      fc.property(documents, (document) => {
        expect(namesIn(encoded(document)).filter((name) => name === '' || name.startsWith('$') || /[.\0]/.test(name))).toEqual([]);
      }),
    ));

  test('that are plain stay as they are', () =>
    expect(encoded({ age: 1, list: [{ a_b: null }] })).toEqual({ age: 1, list: [{ a_b: null }] }));

  test('of lists in lists come back; none stands in another as it is', () => {
    const document = { pairs: [['10', 'ten'], [], [[{ '%[]': 'mine' }]]], plain: ['a'] };
    expect(decoded(encoded(document))).toEqual(document);
    const { pairs } = encoded(document) as unknown as { pairs: unknown[] };
    expect(pairs.some(Array.isArray)).toBe(false);
  });
});
