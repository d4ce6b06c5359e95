import { readFileSync } from 'node:fs';
import { eventCatalogue, type Fact, fold } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { adminKeysDecider } from './api-key/admin-keys.ts';
import { apiKeyDecider } from './api-key/api-key.ts';
import { adminKeysEvents, apiKeyEvents, userKeyEvents } from './api-key/events.ts';
import { userKeyDecider } from './api-key/user-key.ts';
import { creationTokenDecider } from './creation-token/creation-token.ts';
import { creationTokenEvents } from './creation-token/events.ts';

const events = eventCatalogue({
  ...apiKeyEvents.types,
  ...userKeyEvents.types,
  ...adminKeysEvents.types,
  ...creationTokenEvents.types,
});
/** Every form of every version ever written: entries are added, never changed. */
const samples: { type: keyof typeof events.types; schema: number; data: object }[] = JSON.parse(
  readFileSync(new URL('./events.golden.json', import.meta.url), 'utf8'),
);
const withPersonal = samples.filter(({ data }) => 'personal' in data);

describe('the events that lie in logs', () => {
  test.each(samples)('$type of version $schema can be read', (sample) => {
    const read = events.read(sample);
    expect(events.types[sample.type].schema.parse(read?.data)).toEqual(read?.data);
  });

  test.each(withPersonal)('$type of version $schema can be read when it is erased', (sample) => {
    const read = events.read({ ...sample, data: { ...sample.data, personal: 'erased' } });
    expect(events.types[sample.type].schema.parse(read?.data)).toEqual({ ...sample.data, personal: 'erased' });
  });

  test('are all in the golden file, in the version that is written now', () => {
    const golden = new Set(samples.map(({ type, schema }) => `${type} ${schema}`));
    expect(Object.entries(events.types).filter(([type, { version }]) => !golden.has(`${type} ${version}`))).toEqual([]);
  });

  test('of a type or version that is not known yet are not read', () => {
    expect(events.read({ type: 'Unheard', schema: 1, data: {} })).toBeUndefined();
    expect(samples.filter((sample) => events.read({ ...sample, schema: 99 }) !== undefined)).toEqual([]);
  });

  test.each([
    ['API keys', apiKeyDecider, apiKeyEvents.types, { status: 'absent' }],
    ['user keys', userKeyDecider, userKeyEvents.types, { status: 'none' }],
    ['admin keys', adminKeysDecider, adminKeysEvents.types, { keys: [], closed: false }],
    ['creation tokens', creationTokenDecider, creationTokenEvents.types, { status: 'absent' }],
  ])('that are none of their own change no %s', (_what, decider, own, initial) => {
    const foreign = samples.filter(({ type }) => !(type in own));
    expect(foreign).not.toEqual([]);
    expect(fold(decider as Parameters<typeof fold<unknown, Fact>>[0], foreign)).toEqual(initial);
  });
});
