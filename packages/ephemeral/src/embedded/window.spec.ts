import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { WIDEST, Window } from './window.ts';

/** What the port says, said slowly. */
const slowly = () => {
  const seen = new Set<number>();
  let highest = Number.NEGATIVE_INFINITY;
  return (value: number, width: number) => {
    if (seen.has(value) || value < highest - width) return 'seen';
    seen.add(value);
    highest = Math.max(highest, value);
    return 'fresh';
  };
};

describe('a window of counter values', () => {
  const jump = fc.oneof(
    { weight: 5, arbitrary: fc.integer({ min: -70, max: 40 }) },
    { weight: 1, arbitrary: fc.integer({ min: -200, max: 5_000 }) },
  );

  test('takes exactly what the port says, for any width', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: WIDEST }), fc.array(jump, { maxLength: 200 }), (width, jumps) => {
        const model = slowly();
        let highest = 2 ** 31; // counters are 8 hex digits: the sign bit must not matter
        const window = new Window(highest, 0);
        model(highest, width);
        for (const by of jumps) {
          const value = highest + by;
          expect([value, window.take(value, width)]).toEqual([value, model(value, width)]);
          highest = Math.max(highest, value);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('takes each of 64 below the highest once', () => {
    const window = new Window(0, 0);
    expect(window.take(64, 64)).toBe('fresh');
    const below = Array.from({ length: 66 }, (_, n) => 64 - n);
    expect(below.map((value) => window.take(value, 64)).filter((taken) => taken === 'fresh')).toHaveLength(63);
    expect(below.map((value) => window.take(value, 64)).filter((taken) => taken === 'fresh')).toHaveLength(0);
  });

  for (const by of [31, 32, 33, 63, 64, 65])
    test(`remembers what it should over a jump of ${by}`, () => {
      const window = new Window(100, 0);
      window.take(99, 64);
      window.take(100 + by, 64);
      expect([100, 99, 98].map((value) => window.take(value, 64))).toEqual(['seen', 'seen', by + 2 <= 64 ? 'fresh' : 'seen']);
    });
});
