import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { ReadOptions } from '../port.ts';
import { type EventStoreSetting, numbered, numbersOf, opened, times } from './setting.ts';

const five = times(5, (n) => numbered(n));

export const readPromises: Promises<EventStoreSetting> = {
  'gives back what was written, whole': opened(async (store) => {
    const event = numbered(1, {
      type: 'Said',
      schema: 3,
      data: { text: 'ünï "quoted" \u0000 🦉', list: [1, 2.5, null, true], inner: { deep: [] } },
    });
    const metadata = { ...event.metadata, causation: 'c', space: '7', traceparent: '00-a-b-01' };
    const { position } = await store.append('a-1', [{ ...event, metadata }], { expect: 'no-stream' });
    const expected = { ...event, metadata, stream: 'a-1', revision: 0, position };
    expect(await store.read('a-1')).toEqual([expected]);
    expect(await store.readAll({ after: 0, limit: 1 })).toEqual([expected]);
  }),

  'reads a stream from any side': opened(async (store) => {
    await store.append('a-1', five, { expect: 'no-stream' });
    const answers: readonly (readonly [ReadOptions, readonly number[]])[] = [
      [{}, [0, 1, 2, 3, 4]],
      [{ from: 3 }, [3, 4]],
      [{ from: 5 }, []],
      [{ limit: 2 }, [0, 1]],
      [{ from: 1, limit: 2 }, [1, 2]],
      [{ direction: 'backwards' }, [4, 3, 2, 1, 0]],
      [{ direction: 'backwards', limit: 1 }, [4]],
      [{ direction: 'backwards', from: 2 }, [2, 1, 0]],
      [{ direction: 'backwards', from: 3, limit: 2 }, [3, 2]],
    ];
    for (const [options, expected] of answers) expect([options, numbersOf(await store.read('a-1', options))]).toEqual([options, expected]);
  }),

  'reads nothing of what is not there': opened(async (store) => {
    expect([await store.read('a-1'), await store.read('a-1', { direction: 'backwards' })]).toEqual([[], []]);
    expect([await store.readAll({ after: 0, limit: 10 }), await store.head()]).toEqual([[], 0]);
  }),

  'does not mix streams whose names are alike': opened(async (store) => {
    const names = ['a-1', 'a-10', 'A-1', 'a-1 ', 'b-1', 'a_1', 'a-%'];
    await Promise.all(names.map((name, n) => store.append(name, [numbered(n)], { expect: 'no-stream' })));
    for (const [n, name] of names.entries()) expect([name, numbersOf(await store.read(name))]).toEqual([name, [n]]);
  }),

  'reads all streams in the order of their positions': opened(async (store) => {
    for (let n = 0; n < 6; n++) await store.append(`a-${n % 3}`, [numbered(n)], { expect: 'any' });
    const all = await store.readAll({ after: 0, limit: 100 });
    expect(numbersOf(all)).toEqual([0, 1, 2, 3, 4, 5]);
    const positions = all.map(({ position }) => position);
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(numbersOf(await store.readAll({ after: positions[1] ?? -1, limit: 3 }))).toEqual([2, 3, 4]);
    expect(await store.readAll({ after: positions[5] ?? -1, limit: 3 })).toEqual([]);
    expect(await store.head()).toBe(positions[5]);
  }),
};
