import { describe, expect, test } from '@jest/globals';
import { leakFinder } from './leaks.ts';

const used = new Map([
  ['Zoë.Leaky', 'name'],
  ['+33698765432', 'phone'],
  ['00ff17aa00ff17aa00ff17aa00ff17aa', 'verifier'],
  ['say "cheese"', 'password'],
]);
const find = leakFinder(used);
const bytes = Buffer.from('zoë.leaky');

describe('a used value is found', () => {
  test.each<[string, Buffer | string]>([
    ['as it is, in any case', 'x ZOë.LEAKY y'],
    ['percent-encoded', '/a/zo%C3%AB.leaky/b'],
    ['escaped as JSON', '{"a":"zo\\u00eb.leaky"}'],
    ['in hex', `id=${bytes.toString('hex')}`],
    ['in base64', `{"v":"${bytes.toString('base64')}"}`],
    ['in base64url', bytes.toString('base64url')],
    ['in base64 amid more of it', Buffer.concat([Buffer.from('before '), bytes, Buffer.from(' after')]).toString('base64')],
    ['in base64 behind other letters', `ab${bytes.toString('base64')}`],
    ['amid bytes that are no text', Buffer.concat([Buffer.from([0, 255, 128]), bytes, Buffer.from([254])])],
  ])('%s', (_, text) => {
    expect(find(Buffer.from(text))).toEqual([expect.stringMatching(/^name: /)]);
  });

  test('a number, a verifier and a text that JSON escapes', () => {
    expect(find(Buffer.from('{"p":"+33698765432"}'))).toEqual(['phone: +33698765432']);
    expect(find(Buffer.from('00FF17AA00FF17AA00FF17AA00FF17AA'))).toEqual(['verifier: 00ff17aa00ff17aa00ff17aa00ff17aa']);
    const digest = Buffer.from('00FF17AA00FF17AA00FF17AA00FF17AA', 'hex');
    expect(find(digest)).toEqual(['verifier: 00ff17aa00ff17aa00ff17aa00ff17aa']);
    expect(find(Buffer.from(`{"v":"${digest.toString('base64')}"}`))).toEqual(['verifier: 00ff17aa00ff17aa00ff17aa00ff17aa']);
    expect(find(Buffer.from(JSON.stringify({ body: JSON.stringify({ p: 'say "cheese"' }) })))).toEqual(['password: say "cheese"']);
  });

  test('and nothing else is', () => {
    expect(find(Buffer.from('{"type":"account.created.v1","data":{"accountId":7}}'))).toEqual([]);
  });
});
