import { Unavailable } from '@flexistream/kernel';
import { createLog, silentLog } from '@flexistream/observability';
import { describe, expect, test } from '@jest/globals';
import { onceReachable } from './once-reachable.ts';

const outage = (cause?: Error) => new Unavailable('MongoDB does not answer', { cause });
const coded = (message: string, code: string) => Object.assign(new Error(message), { code });

describe('opening what needs engines', () => {
  test('is tried again while one is away; each try is a line with its name and the reason, without an address', async () => {
    const lines: string[] = [];
    const log = createLog({ destination: { write: (line: string) => void lines.push(line) } });
    let tries = 0;
    const open = async () => {
      if (++tries < 3) throw outage(coded('connect to mongodb://me:secret@there', 'ECONNREFUSED'));
      return 'opened';
    };
    expect(await onceReachable(open, log)).toBe('opened');
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { msg: expect.stringMatching(/^MongoDB does not answer/), reason: 'ECONNREFUSED', againInMs: 200 },
      { againInMs: 400 },
    ]);
    expect(lines.join('')).not.toContain('secret');
  });

  test.each([
    ['an engine that does not let it in', outage(coded('it refuses the credentials', 'mongodb/refused')), 'it refuses the credentials'],
    ['what is no outage', new RangeError('another master key'), 'another master key'],
  ])('ends with %s', async (_, error, told) => {
    await expect(onceReachable(() => Promise.reject(error), silentLog())).rejects.toThrow(told);
  });
});
