import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseCredentials } from './authorization.ts';

const parsed = (header: string) => {
  const credentials = parseCredentials(header);
  return credentials && { scheme: credentials.scheme, ...Object.fromEntries(credentials.parameters) };
};

describe('reading Authorization', () => {
  test.each([
    ['Digest username="Mufasa", qop=auth, nc=00000001', { scheme: 'digest', username: 'Mufasa', qop: 'auth', nc: '00000001' }],
    ['digest\tURI = "/a,b=c" ,, Username="a\\"b\\\\c"', { scheme: 'digest', uri: '/a,b=c', username: 'a"b\\c' }],
    ['DIGEST , realm="", uri=/api/x?a=b&c=d,', { scheme: 'digest', realm: '', uri: '/api/x?a=b&c=d' }],
    ["Digest username=o'neil,response=ab", { scheme: 'digest', username: "o'neil", response: 'ab' }],
    ['Digest', { scheme: 'digest' }],
    ['Digest ', { scheme: 'digest' }],
  ])('%j', (header, expected) => expect(parsed(header)).toEqual(expected));

  test.each(['', ' ', '"', 'Digest a', 'Digest a=', 'Digest a="', 'Digest a="b', 'Digest a=b c=d', 'Digest a="b"c="d"', 'Digest a=b,A=c'])(
    'refuses %j',
    (header) => expect(parsed(header)).toBeUndefined(),
  );

  const blank = fc.constantFrom('', ' ', '\t', '  ');
  const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,8}$/);
  const value = fc.string({ unit: 'binary-ascii' });
  const quote = (text: string): string => `"${text.replaceAll(/["\\]/g, '\\$&')}"`;

  test('reads back whatever was quoted, in any order and with any blanks', () => {
    const pairs = fc.uniqueArray(fc.tuple(name, value, blank, blank), { selector: ([key]) => key.toLowerCase() });
    fc.assert(
      fc.property(pairs, blank, (parameters, gap) => {
        const header = `Digest ${parameters.map(([key, text, before, after]) => `${key}${before}=${after}${quote(text)}`).join(`${gap},${gap}`)}`;
        const expected = Object.fromEntries(parameters.map(([key, text]) => [key.toLowerCase(), text]));
        expect(Object.fromEntries(parseCredentials(header)?.parameters ?? [['not', 'parsed']])).toEqual(expected);
      }),
    );
  });

  test('takes any text without throwing, in time that grows with its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 2000 }), (text) => expect(() => parseCredentials(`Digest ${text}`)).not.toThrow()),
    );
    for (const evil of ['"\\'.repeat(8000), ', '.repeat(8000), ' \t'.repeat(8000), 'a='.repeat(8000), 'a=b,'.repeat(4000)]) {
      const started = performance.now();
      parseCredentials(`Digest ${evil}`);
      expect(performance.now() - started).toBeLessThan(250);
    }
  });
});
