import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readJson } from './body.ts';
import { bodyOf } from './error-body.ts';
import { isFailure, statusOf } from './failure.ts';

const bytes = (text: string) => Buffer.from(text, 'utf8');
const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;

const refusal = (body: Uint8Array): unknown => {
  try {
    return readJson(body, { maxDepth: 64 });
  } catch (error) {
    return { status: statusOf(error), ...bodyOf(error, 'fr') };
  }
};
const refused = (message: string) => ({ status: 400, message });

describe('reading a body', () => {
  test('reads an object', () => expect(readJson(bytes('{"a":[1,"é",null,{"b":true}]}'))).toEqual({ a: [1, 'é', null, { b: true }] }));
  test('takes no bytes for an empty object', () => expect(readJson(new Uint8Array())).toEqual({}));
  test('reads a part of a larger buffer', () => expect(readJson(bytes('xx{"a":1}xx').subarray(2, 9))).toEqual({ a: 1 }));
  test('reads any pair of surrogates', () => expect(readJson(bytes('{"a":"\\ud83d\\ude00"}'))).toEqual({ a: '😀' }));
  test('allows the depth of 64', () => expect(refusal(bytes(nested(64)))).toHaveProperty('a'));

  test.each([
    ['{', 'Syntax error'],
    ['{"a":1,}', 'Syntax error'],
    ['a=1&b=2', 'Syntax error'],
    ['  ', 'Syntax error'],
    ['\ufeff{"a":1}', 'Syntax error'],
    ['{"a":"\u0001"}', 'Control character error, possibly incorrectly encoded'],
    ['{"a":"\\ud800"}', 'Single unpaired UTF-16 surrogate in unicode escape'],
    ['{"\\udc00":1}', 'Single unpaired UTF-16 surrogate in unicode escape'],
    ['{"a":[{"b":"\\ud800"}]}', 'Single unpaired UTF-16 surrogate in unicode escape'],
    [nested(65), 'Maximum stack depth exceeded'],
    [`${'['.repeat(100_000)}${']'.repeat(100_000)}`, 'Maximum stack depth exceeded'],
    ['"x"', 'an object is expected'],
    ['1', 'an object is expected'],
    ['[]', 'an object is expected'],
    ['null', 'an object is expected'],
  ])('refuses %#', (body, reason) => expect(refusal(bytes(body))).toEqual(refused(`Invalid JSON: ${reason}`)));

  test('refuses malformed UTF-8', () =>
    expect(refusal(Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x3a, 0x31, 0x7d]))).toEqual(
      refused('Invalid JSON: Malformed UTF-8 characters, possibly incorrectly encoded'),
    ));

  test('never shows what the body held', () => expect(JSON.stringify(refusal(bytes('{"password":"hunter2"')))).not.toContain('hunter2'));

  test('never makes a prototype of a member', () => {
    const body = readJson(bytes('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}'));
    expect(body.admin).toBeUndefined();
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).admin).toBeUndefined();
  });

  test('gives an object or a failure, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), fc.json().map(bytes)), (body) => {
        try {
          const read = readJson(body);
          return typeof read === 'object' && !Array.isArray(read);
        } catch (error) {
          return isFailure(error) && error.status === 400;
        }
      }),
      { numRuns: 1000 },
    );
  });
});
