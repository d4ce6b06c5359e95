import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readIni } from './ini.ts';

const sections = (text: string) => [...readIni(text).sections].map(([name, entries]) => [name, [...entries]]);
const readValue = (value: string) => readIni(`[s]\nk=${value}`).sections.get('s')?.get('k');

describe('reading INI', () => {
  test('keeps sections and keys in order, integer-like ones too', () =>
    expect(sections('[b]\n10=x\n2=y\n[a.b]\nc=d')).toEqual([
      [
        'b',
        [
          ['10', 'x'],
          ['2', 'y'],
        ],
      ],
      ['a.b', [['c', 'd']]],
    ]));
  test('merges sections, and a repeated key has its last value at its first place', () =>
    expect(sections('[a]\nx=1\ny=2\n[b]\nz=3\n[a]\nx=4\nw=5')).toEqual([
      [
        'a',
        [
          ['x', '4'],
          ['y', '2'],
          ['w', '5'],
        ],
      ],
      ['b', [['z', '3']]],
    ]));
  test('ends lines as any system does', () =>
    expect(sections('[a]\r\nx=1\ry=2\n')).toEqual([
      [
        'a',
        [
          ['x', '1'],
          ['y', '2'],
        ],
      ],
    ]));

  test.each([
    ['srtp', 'srtp'],
    ['  a b  ', 'a b'],
    ['', ''],
    ['<sip:h;transport=tls>', '<sip:h'],
    ['"<sip:h;transport=tls>"', '<sip:h;transport=tls>'],
    ["'<sip:h;transport=tls>' ; why", '<sip:h;transport=tls>'],
    ['" a "', ' a '],
    ['"a" ; b', 'a'],
    ['"a\\"b\\\\"', 'a"b\\'],
    ['a"b c"d', 'ab cd'],
    ["O'Reily", "O'Reily"],
    ['#1', '#1'],
    ['true', '1'],
    ['On', '1'],
    ['YES', '1'],
    ['false', ''],
    ['off', ''],
    ['no', ''],
    ['none', ''],
    ['null', ''],
    ['"true"', 'true'],
    ['truer', 'truer'],
    ['$' + '{HOME}', '$' + '{HOME}'],
    ['PHP_VERSION', 'PHP_VERSION'],
    ['https://h/?a=b&c=d!~', 'https://h/?a=b&c=d!~'],
    ['a|b^(c)', 'a|b^(c)'],
  ])('the value %j is %j', (written, read) => expect(readValue(written)).toBe(read));

  test('ignores comments, blanks and keys without value', () =>
    expect(readIni('; c\n\n[a] ; c\nk\nk2 ; x=1\nx=1')).toEqual({ sections: new Map([['a', new Map([['x', '1']])]]), faulty: false }));
  test('skips what it cannot read, and says so', () =>
    expect(readIni('o=1\n[a]\nl[]=1\nx="1\ny=2')).toEqual({ sections: new Map([['a', new Map([['y', '2']])]]), faulty: true }));

  test('never throws', () => {
    const piece = fc.constantFrom('[', ']', 'a', '=', '"', "'", ';', '\\', '\n', ' ', '{', '$');
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        (text) => readIni(text).sections instanceof Map,
      ),
      { numRuns: 2000 },
    );
  });
});
