import { readFileSync } from 'node:fs';
import type { EventType } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { registerEvents } from './register/events.ts';
import { spaceEvents } from './space/events.ts';

interface Sample {
  readonly type: string;
  readonly schema: number;
  readonly data: object;
}

/** Every form of every version ever written: lines are added, never changed. */
const samples: readonly Sample[] = JSON.parse(readFileSync(new URL('./events.golden.json', import.meta.url), 'utf8'));
const types: Readonly<Record<string, EventType>> = { ...registerEvents.types, ...spaceEvents.types };

describe('the events that lie in logs', () => {
  test.each(samples)('$type of version $schema can be read', (sample) => {
    const event = spaceEvents.read(sample) ?? registerEvents.read(sample);
    expect(types[sample.type]?.schema.parse(event?.data)).toEqual(event?.data);
  });

  test('are all in the golden file, in the version that is written now', () => {
    const newest = Object.entries(types).map(([type, { version }]) => `${type} ${version}`);
    const golden = new Set(samples.map(({ type, schema }) => `${type} ${schema}`));
    expect(newest.filter((one) => !golden.has(one))).toEqual([]);
  });
});
