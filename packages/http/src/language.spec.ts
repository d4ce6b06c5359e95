import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { chooseLanguage } from './language.ts';

test.each([
  [undefined, 'en'],
  ['', 'en'],
  ['fr', 'fr'],
  ['FR', 'fr'],
  ['fr-CA', 'fr'],
  ['fr-CA, en;q=0.9', 'fr'],
  ['de, fr;q=0.5', 'fr'],
  ['en, fr;q=0.5', 'en'],
  ['en;q=0.4, fr;q=0.5', 'fr'],
  ['fr, en', 'fr'],
  ['en-GB, fr', 'en'],
  ['fr;q=0', 'en'],
  ['fr;q=0, de', 'en'],
  ['fr;q=0, *', 'en'],
  ['en;q=0, *', 'fr'],
  ['*', 'en'],
  ['de', 'en'],
  ['fr;q=abc', 'en'],
  [';;;,=', 'en'],
  ['french', 'en'],
])('%s is %s', (header, language) => expect(chooseLanguage(header)).toBe(language));

test('answers whatever the header holds', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (header) => ['en', 'fr'].includes(chooseLanguage(header))));
});
