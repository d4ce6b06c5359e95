import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { tidy, trim } from './tidy.ts';

describe('tidying a body', () => {
  test('trims at any depth', () => expect(tidy({ a: ' x ', b: [' y', { c: 'z\n' }] })).toEqual({ a: 'x', b: ['y', { c: 'z' }] }));

  test('turns empty texts into null at any depth', () =>
    expect(tidy({ a: '', b: ['  ', { c: '\t' }], d: { e: '' } })).toEqual({ a: null, b: [null, { c: null }], d: { e: null } }));

  test('leaves passwords alone, unless they are empty', () =>
    expect(tidy({ password: ' a ', password_confirmation: ' ', old_password: 'b ', in: { password: ' a ' } })).toEqual({
      password: ' a ',
      password_confirmation: ' ',
      old_password: 'b ',
      in: { password: 'a' },
    }));
  test('turns an empty password into null', () =>
    expect(tidy({ password: '', old_password: '' })).toEqual({ password: null, old_password: null }));

  test('leaves everything else as it is', () => {
    const body = { a: 1, b: true, c: null, d: 'x y', e: [], f: {} };
    expect(tidy(structuredClone(body))).toEqual(body);
  });

  test('keeps a member called __proto__ a member', () => {
    const body = tidy(JSON.parse('{"__proto__":" x ","a":{"__proto__":{"admin":" y "}}}'));
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect(JSON.stringify(body)).toBe('{"__proto__":"x","a":{"__proto__":{"admin":"y"}}}');
  });

  test('changes nothing the second time', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (body) => {
        const once = tidy(JSON.parse(JSON.stringify(body)));
        const again = tidy(JSON.parse(JSON.stringify(once)));
        expect(again).toEqual(once);
      }),
    );
  });
});

describe('trimming a text', () => {
  test.each(['\u0020', '\t', '\n', '\v', '\f', '\r', '\u0085', '\u00a0', '\u1680', '\u2003', '\u2028', '\u3000', '\ufeff', '\u200b'])(
    'takes blank %# off both ends only',
    (blank) => expect(trim(`${blank}${blank}a${blank}b${blank}`)).toBe(`a${blank}b`),
  );
  test('leaves other characters', () => expect(trim('\u0000é\u200d')).toBe('\u0000é\u200d'));
});
