import { describe, expect, test } from '@jest/globals';
import { Instances } from './instances.ts';

describe('instances of a service', () => {
  test('are asked by turns, each once', () => {
    const instances = new Instances(['a', 'b', 'c']);
    expect([instances.inTurn(0), instances.inTurn(0)]).toEqual([
      ['a', 'b', 'c'],
      ['b', 'c', 'a'],
    ]);
  });

  test('that failed lately are asked last, until they answer or some seconds have passed', () => {
    const instances = new Instances(['a', 'b']);
    instances.failed('a', 0);
    expect([instances.inTurn(10), instances.inTurn(10)]).toEqual([
      ['b', 'a'],
      ['b', 'a'],
    ]);
    instances.answered('a');
    expect(instances.inTurn(10)).toEqual(['a', 'b']);
    instances.failed('b', 10);
    expect(instances.inTurn(5_011)).toEqual(['b', 'a']);
  });

  test('may be none', () => expect(new Instances([]).inTurn(0)).toEqual([]));
});
