import { setImmediate } from 'node:timers/promises';
import { getHeapSpaceStatistics } from 'node:v8';
import { expect, test } from '@jest/globals';
import { collectAfterStart } from './after-start.ts';

const MiB = 2 ** 20;
const youngGeneration = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.physical_space_size ?? 0;

/** What survives a collection or two makes it grow. */
const grow = (): void => {
  let kept: object[] = [];
  while (youngGeneration() < 8 * MiB) {
    kept.push({ some: 'thing' });
    if (kept.length > 100_000) kept = [];
  }
};

test('a young generation that has grown in the start is given back', async () => {
  grow();
  expect(youngGeneration()).toBeGreaterThanOrEqual(8 * MiB);
  collectAfterStart(0);
  while (youngGeneration() > 4 * MiB) await setImmediate();
});
