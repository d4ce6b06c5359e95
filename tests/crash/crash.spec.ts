import { expect, test } from '@jest/globals';
import { crashOften, crashOftenAndEndWell } from './crash-test.ts';

const crashes = Number(process.env.CRASHES ?? 5);
const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

test(
  `nothing that was acknowledged is lost over ${crashes} crashes (CRASH_SEED=${seed})`,
  async () => {
    const { faults, acknowledged, kept, rebuilt } = await crashOftenAndEndWell({ seed, crashes });
    expect(faults).toEqual([]);
    expect(acknowledged).toBeGreaterThan(crashes * 100);
    expect(rebuilt.size).toBeGreaterThan(50);
    expect(rebuilt).toEqual(kept);
  },
  180_000 + crashes * 30_000,
);

test('a build that answers before COMMIT is caught', async () => {
  const { faults } = await crashOften({ seed, crashes: 3, entry: 'tests/crash/answers-too-early.ts' });
  expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(/^call .* was acknowledged and is lost$/)]));
  expect(faults).toEqual(expect.arrayContaining([expect.stringMatching(/^account \d+ is /)]));
}, 180_000);
