import { describe, expect, test } from '@jest/globals';
import { accountDecider } from './account/account.ts';
import { accountEvents } from './account/events.ts';
import { accountView } from './account/view.ts';
import { pendingView } from './claims/pending.ts';
import { placesEvents } from './places/events.ts';
import { placesDecider } from './places/places.ts';
import { samplesIn } from './spec-support/golden.ts';
import { logged } from './spec-support/projected.ts';
import { tombstoneEvents } from './tombstone/events.ts';

describe.each([
  ['account', accountEvents],
  ['places', placesEvents],
  ['tombstone', tombstoneEvents],
] as const)('the events of %s', (folder, catalogue) => {
  const samples = samplesIn(`../${folder}/events.golden.json`);
  const schemaOf = (type: string) => catalogue.types[type as keyof typeof catalogue.types];

  test('have a sample of every version of every type', () => {
    for (const [type, { version }] of Object.entries(catalogue.types)) {
      const versions = Array.from({ length: version }, (_, index) => index + 1);
      expect([type, [...new Set(samples.filter((one) => one.type === type).map(({ schema }) => schema))]]).toEqual([type, versions]);
    }
  });

  test.each(samples)('$type of version $schema reads as the newest one, erased too', (sample) => {
    const { schema } = schemaOf(sample.type) as (typeof accountEvents.types)['AccountCreated'];
    const read = catalogue.read(sample);
    expect(schema.parse(read?.data)).toEqual(read?.data);
    if (!('personal' in sample.data)) return;
    const erased = catalogue.read({ ...sample, data: { ...sample.data, personal: 'erased' } });
    expect(schema.parse(erased?.data)).toEqual({ ...read?.data, personal: 'erased' });
  });

  test('of a version or type that is not known yet are not read', () => {
    for (const sample of samples) expect(catalogue.read({ ...sample, schema: 99 })).toBeUndefined();
    expect(catalogue.read({ type: 'Unheard', schema: 1, data: {} })).toBeUndefined();
  });
});

test('whatever was ever written, in whatever order, stops neither state nor views', () => {
  const samples = samplesIn('../account/events.golden.json');
  for (const first of samples) {
    for (const second of samples) {
      const events = [first, second, { ...second, data: { ...second.data, personal: 'erased' } }];
      const facts = events.flatMap((one) => accountEvents.read(one) ?? []);
      expect(['absent', 'fenced', 'present', 'deleted']).toContain(facts.reduce(accountDecider.evolve, accountDecider.initial).status);
      for (const stored of logged({ stream: 'account-7', events })) {
        for (const view of [accountView, pendingView]) expect(Array.isArray(view.changes(stored))).toBe(true);
      }
    }
  }
  const places = samplesIn('../places/events.golden.json').flatMap((one) => placesEvents.read(one) ?? []);
  expect(places.reduce(placesDecider.evolve, placesDecider.initial)).toMatchObject({ limit: 50, closed: true });
});
