import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { News } from './news.ts';
import { Progress } from './progress.ts';
import { Turns } from './turns.ts';

describe('turns', () => {
  test('come one at a time and in order, key by key, however long each takes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(fc.constantFrom('a', 'b'), { maxLength: 20 }), async (scheduler, keys) => {
        const turns = new Turns();
        const holding = new Set<string>();
        const done: [string, number][] = [];
        const all = keys.map((key, n) =>
          turns.run(key, async () => {
            expect(holding.has(key)).toBe(false);
            holding.add(key);
            await scheduler.schedule(Promise.resolve());
            holding.delete(key);
            done.push([key, n]);
          }),
        );
        await scheduler.waitFor(Promise.all(all));
        for (const key of ['a', 'b']) {
          const order = done.filter(([one]) => one === key).map(([, n]) => n);
          expect(order).toEqual(keys.flatMap((one, n) => (one === key ? [n] : [])));
        }
      }),
      { numRuns: 50 },
    );
  });

  test('go on after one that failed', async () => {
    const turns = new Turns();
    const failed = turns.run('a', () => Promise.reject(new Error('no')));
    const next = turns.run('a', async () => 'next');
    await expect(failed).rejects.toThrow('no');
    expect(await next).toBe('next');
  });

  test('pass by one that gave up waiting', async () => {
    const turns = new Turns();
    const end = await turns.take('a');
    const stopping = new AbortController();
    const gaveUp = turns.take('a', stopping.signal);
    const next = turns.take('a');
    stopping.abort();
    expect(await gaveUp).toBeUndefined();
    end?.();
    expect(await next).toBeInstanceOf(Function);
  });
});

test('news that comes between looking and waiting is heard', async () => {
  const news = new News();
  const heard = news.heard('topic');
  news.spread('topic');
  await news.since('topic', heard, new AbortController().signal);
  expect(news.heard('topic')).toBeGreaterThan(heard);
});

test('progress tells each who waits when it is reached, and never goes back', async () => {
  const progress = new Progress();
  const told: number[] = [];
  const waits = [5, 2, 3].map((target) => progress.whenReached(target).then(() => told.push(target)));
  progress.reach(3);
  await Promise.all(waits.slice(1));
  expect([...told].sort()).toEqual([2, 3]);
  progress.reach(1);
  expect(progress.position).toBe(3);
  progress.reach(9);
  await Promise.all(waits);
  expect(told).toHaveLength(3);
});
