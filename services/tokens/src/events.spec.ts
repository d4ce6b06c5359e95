import { readFileSync } from 'node:fs';
import { eventCatalogue } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { accountKeysEvents, apiKeyEvents } from './api-key/events.ts';
import { creationTokenEvents } from './creation-token/events.ts';

const events = eventCatalogue({ ...apiKeyEvents.types, ...accountKeysEvents.types, ...creationTokenEvents.types });
/** Every form of every version ever written: entries are added, never changed. */
const samples: { type: keyof typeof events.types; schema: number; data: object }[] = JSON.parse(
  readFileSync(new URL('./events.golden.json', import.meta.url), 'utf8'),
);

describe('the events that lie in logs', () => {
  test.each(samples)('$type of version $schema can be read', (sample) => {
    const read = events.read(sample);
    expect(events.types[sample.type].schema.parse(read?.data)).toEqual(read?.data);
  });
  test('are all in the golden file, in the version that is written now', () => {
    const golden = new Set(samples.map(({ type, schema }) => `${type} ${schema}`));
    expect(Object.entries(events.types).filter(([type, { version }]) => !golden.has(`${type} ${version}`))).toEqual([]);
  });
});
