import { afterAll, beforeAll, describe, test } from '@jest/globals';
import { missingEngines, type Split, type SplitOptions, startSplit } from './start-split.ts';

/** Cases of one installation of split processes, visibly skipped where an engine is missing. `split()` is for the cases only. */
export const onSplit = (
  name: string,
  options: () => SplitOptions | Promise<SplitOptions>,
  cases: (split: () => Split) => void,
  missing: readonly string[] = missingEngines(),
): void => {
  if (missing.length > 0) {
    describe(name, () => test.skip(`without ${missing.join(', ')}`, () => {}));
    return;
  }
  describe(name, () => {
    let running: Split | undefined;
    beforeAll(async () => {
      running = await startSplit(await options());
    });
    afterAll(() => running?.[Symbol.asyncDispose]());
    cases(() => {
      if (running === undefined) throw new Error('the processes did not start');
      return running;
    });
  });
};

/** A gateway as a platform of its own: every other request goes to another one. */
export const doorsOf = (split: Split): (() => { readonly url: string; readonly adminKey: string }) => {
  let turn = 0;
  const doors = split.gateways.map(({ url }) => ({ url, adminKey: split.adminKey }));
  return () => {
    const door = doors[turn++ % doors.length];
    if (door === undefined) throw new Error('there is no gateway');
    return door;
  };
};
