import { expect, test } from '@jest/globals';
import { Positions } from './positions.ts';

const id = (position: number) => `${String(position).padStart(16, '0')}/party/7`;

test('renames what is named by a position, both ways', () => {
  const positions = new Positions();
  for (const [source, target] of [
    [1, 1_000],
    [4, 1_200],
    [5, 1_320],
  ] as const)
    positions.note(source, target);
  expect([1, 4, 5].map((position) => positions.onTarget(id(position)))).toEqual([id(1_000), id(1_200), id(1_320)]);
  expect([1_000, 1_200, 1_320].map((position) => positions.onSource(id(position)))).toEqual([id(1), id(4), id(5)]);
});

test('knows no name where no event stands', () => {
  const positions = new Positions();
  expect(positions.onTarget(id(1))).toBeUndefined();
  positions.note(2, 1_000);
  expect([1, 3].map((position) => positions.onTarget(id(position)))).toEqual([undefined, undefined]);
  expect(positions.onSource(id(2))).toBeUndefined();
});
