import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Ephemeral } from '@flexistream/ephemeral';
import { Unavailable } from '@flexistream/kernel';
import { silentLog } from '@flexistream/observability';
import type { Turn } from '@flexistream/read-models';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openEmbedded } from './embedded-infrastructure.ts';
import type { Infrastructure } from './infrastructure.ts';
import { type Turns, takeTurns } from './turns.ts';

const EVERY_MS = 100;
const LASTS_MS = 300;

let folder: string;
let infrastructure: Infrastructure;
let started: Turns[];
/** Of one more instance. */
const instance = (ephemeral: Ephemeral = infrastructure.ephemeral): Turns => {
  const turns = takeTurns('statistics', ephemeral, silentLog(), EVERY_MS);
  started.push(turns);
  return turns;
};
/** Whether it has it by now, or gets it within the time. */
const has = async (turn: Turn, withinMs = 0): Promise<boolean> => {
  const signal = AbortSignal.timeout(withinMs);
  return (await turn.mine(signal)) !== signal;
};
const LONG = 10_000;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-'));
  infrastructure = await openEmbedded({ folder, threads: false });
  started = [];
});
afterEach(async () => {
  await Promise.all(started.map((turns) => turns.stop()));
  await infrastructure.close();
  await rm(folder, { recursive: true, force: true });
});

describe('the turn of one of several instances', () => {
  test('is one instance’s for each work, for as long as it renews it', async () => {
    const [first, second] = [instance(), instance()];
    const ended = await first.of('calls').mine(AbortSignal.timeout(LONG));
    expect([await has(second.of('calls'), 4 * LASTS_MS), ended.aborted]).toEqual([false, false]);
    expect(await has(second.of('messages'), LONG)).toBe(true);
  });

  test('goes to another at once when its instance stops', async () => {
    const first = instance();
    const ended = await first.of('calls').mine(AbortSignal.timeout(LONG));
    const next = instance().of('calls');
    expect(await has(next)).toBe(false);
    await first.stop();
    expect([ended.aborted, await has(next, LONG)]).toEqual([true, true]);
  });

  test('goes to another when its instance does not renew it, and it learns that', async () => {
    let asleep = false;
    const { ephemeral } = infrastructure;
    const drowsy = Object.assign(Object.create(ephemeral) as Ephemeral, {
      get: async (key: string) => {
        while (asleep) await pause(20);
        return ephemeral.get(key);
      },
    });
    const ended = await instance(drowsy).of('calls').mine(AbortSignal.timeout(LONG));
    asleep = true;
    expect(await has(instance().of('calls'), LONG)).toBe(true);
    expect(ended.aborted).toBe(false);
    asleep = false;
    while (!ended.aborted) await pause(10);
  });

  test('goes to another when its instance fails, and comes back where there is no other', async () => {
    const first = instance().of('calls');
    const ended = await first.mine(AbortSignal.timeout(LONG));
    first.passOn();
    expect(ended.aborted).toBe(true);
    expect(await has(first, LONG)).toBe(true);
    const next = instance().of('calls');
    expect(await has(next, 2 * LASTS_MS)).toBe(false);
    first.passOn();
    expect([await has(next, LONG), await has(first, 2 * LASTS_MS)]).toEqual([true, false]);
  });

  test('is everyone’s while nobody can be asked', async () => {
    const away = Object.assign(Object.create(infrastructure.ephemeral) as Ephemeral, {
      get: () => Promise.reject(new Unavailable('Redis does not answer')),
    });
    expect([await has(instance(away).of('calls'), LONG), await has(instance(away).of('calls'), LONG)]).toEqual([true, true]);
  });
});
