import { fold } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import type { SpaceSettings } from '../space/space-settings.ts';
import { created, erased, now, settingsOf } from '../spec-support/facts.ts';
import type { RegisterEvent } from './events.ts';
import { type RegisterCommand, registerDecider } from './register.ts';

const register = specFor(registerDecider);
const about = { space: 's1', at: now };

const create = (more: Partial<SpaceSettings> = {}, { id = 's2', domain = 'other.example.org' } = {}): RegisterCommand => ({
  type: 'CreateSpace',
  data: { id, domain, settings: settingsOf({ name: 'Other', host: 'other.example.org', ...more }) },
  now,
});
const update = (more: Partial<SpaceSettings> = {}, limitBefore = 0, id = 's1'): RegisterCommand => ({
  type: 'UpdateSpace',
  data: { id, settings: settingsOf(more), limitBefore },
  now,
});
const remove: RegisterCommand = { type: 'DeleteSpace', data: { id: 's1' }, now };
const deleted: RegisterEvent = {
  type: 'SpaceDeleted',
  data: { ...about, domain: 'sip.example.org', host: 'fam.example.org', name: 'Example' },
};
const other = (more: Partial<SpaceSettings> = {}) =>
  created({ name: 'Other', host: 'other.example.org', ...more }, { space: 's2', number: 2, domain: 'other.example.org' });

describe('creating a space', () => {
  test('states everything that the space is to hold', () =>
    register
      .given(created())
      .when(create({ copyright_text: 'ours' }))
      .then({ ...other({ copyright_text: 'ours' }), data: { ...other({ copyright_text: 'ours' }).data, at: now } }));
  test('is the same space when the command comes again', () => register.given(created(), other()).when(create()).thenNothing());
  test.each<[string, RegisterCommand, string[]]>([
    ['name', create({ name: 'Example' }), ['name']],
    ['name in other letters', create({ name: 'EXAMPLE' }), ['name']],
    ['domain', create({}, { domain: 'sip.example.org' }), ['domain']],
    ['host', create({ host: 'fam.example.org' }), ['host']],
    [
      'name, domain and host',
      create({ name: 'example', host: 'fam.example.org' }, { domain: 'sip.example.org' }),
      ['name', 'domain', 'host'],
    ],
  ])('is refused with the %s of another', (_what, command, taken) =>
    register.given(created()).when(command).thenRefused('space_refused', { taken, lastSuper: false }),
  );
  test('may take as domain what another has as host', () =>
    register
      .given(created())
      .when(create({}, { domain: 'fam.example.org' }))
      .thenState(({ spaces }) => expect(spaces.size).toBe(2)));
  test('may take everything of a deleted one at once', () =>
    register
      .given(created(), deleted)
      .when(create({ name: 'Example', host: 'fam.example.org' }, { domain: 'sip.example.org' }))
      .thenState(({ spaces, newest }) => {
        expect(newest).toBe(2);
        expect([...spaces.values()].map(({ status }) => status)).toEqual(['deleted', 'live']);
      }));
});

describe('updating a space', () => {
  test('states nothing when nothing differs', () => register.given(created()).when(update()).thenNothing());
  test('states one fact for each group that differs, in one order', () =>
    register
      .given(created({ super: true }), other({ super: true }))
      .when(
        update({
          name: 'Renamed',
          host: 'new.example.org',
          disable_chat_feature: true,
          max_account: 2,
          custom_provisioning_overwrite_all: true,
          custom_provisioning_entries: '[a]\nb=c',
          copyright_text: 'ours',
          newsletter_registration_address: 'news@example.org',
          account_realm: 'realm.example.org',
          web_panel: false,
          max_accounts: 7,
          expire_at: '2026-03-01T00:00:00.000Z',
        }),
      )
      .then(
        { type: 'SpaceRenamed', data: { ...about, name: 'Renamed', former: 'Example' } },
        { type: 'SpaceMoved', data: { ...about, host: 'new.example.org', former: 'fam.example.org' } },
        { type: 'SpaceMadeNormal', data: about },
        { type: 'AppFeaturesSet', data: { ...about, changed: { disable_chat_feature: true, max_account: 2 } } },
        {
          type: 'ProvisioningSet',
          data: { ...about, changed: { custom_provisioning_overwrite_all: true }, personal: { custom_provisioning_entries: '[a]\nb=c' } },
        },
        {
          type: 'TextsSet',
          data: { ...about, personal: { copyright_text: 'ours', newsletter_registration_address: 'news@example.org' } },
        },
        { type: 'RealmSet', data: { ...about, account_realm: 'realm.example.org' } },
        { type: 'WebAccessSet', data: { ...about, changed: { web_panel: false } } },
        { type: 'AccountLimitSet', data: { ...about, max_accounts: 7 } },
        { type: 'ExpirySet', data: { ...about, expire_at: '2026-03-01T00:00:00.000Z' } },
      ));
  test('leads to exactly the settings that were asked for', () => {
    const wanted = { name: 'Renamed', max_accounts: 3, account_realm: 'r.example.org', intercom_features: true, copyright_text: 'x' };
    register
      .given(created())
      .when(update(wanted))
      .thenState(({ spaces }) => expect(spaces.get('s1')).toMatchObject({ settings: settingsOf(wanted), updatedAt: now }));
  });
  test('lifts the expiry', () =>
    register
      .given(created({ expire_at: now }))
      .when(update())
      .then({ type: 'ExpiryLifted', data: about }));
  test('makes a space super', () =>
    register
      .given(created())
      .when(update({ super: true }))
      .then({ type: 'SpaceMadeSuper', data: about }));
  test('may change the letters of its own name', () =>
    register
      .given(created())
      .when(update({ name: 'EXAMPLE' }))
      .then({ type: 'SpaceRenamed', data: { ...about, name: 'EXAMPLE', former: 'Example' } }));
  test('is refused with name and host of another, and as the last super space, all at once', () =>
    register
      .given(created({ super: true }), other())
      .when(update({ name: 'other', host: 'other.example.org' }))
      .thenRefused('space_refused', { taken: ['name', 'host'], lastSuper: true }));
  test('may end a super space that is not the last', () =>
    register
      .given(created({ super: true }), other({ super: true }))
      .when(update())
      .then({ type: 'SpaceMadeNormal', data: about }));
  test('starts over when the limit is another by now', () =>
    register
      .given(created({ max_accounts: 9 }))
      .when(update({ max_accounts: 5 }))
      .thenRefused('limit_moved'));
  test('does not mind when the limit is the wanted one by now', () =>
    register
      .given(created({ max_accounts: 5 }))
      .when(update({ max_accounts: 5 }))
      .thenNothing());
  test('is refused for what is not there', () => register.given(created(), deleted).when(update()).thenRefused('space_unknown'));
});

describe('deleting a space', () => {
  test('deletes it', () => register.given(created()).when(remove).then(deleted));
  test('refuses the last super space', () =>
    register
      .given(created({ super: true }), other())
      .when(remove)
      .thenRefused('last_super_space'));
  test('deletes a super space beside another', () =>
    register
      .given(created({ super: true }), other({ super: true }))
      .when(remove)
      .then(deleted));
  test('is refused for what is not there', () => register.given(created(), deleted).when(remove).thenRefused('space_unknown'));
});

describe('noting that a space has expired', () => {
  const note: RegisterCommand = { type: 'NoteExpiry', data: { id: 's1' }, now };
  const expired: RegisterEvent = { type: 'SpaceExpired', data: { ...about, expire_at: now } };
  test('notes a moment that has come', () =>
    register
      .given(created({ expire_at: now }))
      .when(note)
      .then(expired));
  test('notes it once', () =>
    register
      .given(created({ expire_at: now }), expired)
      .when(note)
      .thenNothing());
  test('notes another moment again', () =>
    register
      .given(created({ expire_at: now }), expired, { type: 'ExpirySet', data: { ...about, expire_at: '2026-01-15T00:00:00.000Z' } })
      .when(note)
      .then({ type: 'SpaceExpired', data: { ...about, expire_at: '2026-01-15T00:00:00.000Z' } }));
  test.each([
    ['no expiry', created()],
    ['a later one', created({ expire_at: '2026-02-01T12:30:00.001Z' })],
  ])('notes nothing with %s', (_what, space) => register.given(space).when(note).thenNothing());
  test('does not count as an update', () =>
    register
      .given(created({ expire_at: now }))
      .when(note)
      .thenState(({ spaces }) => expect(spaces.get('s1')).toMatchObject({ updatedAt: created().data.at })));
});

describe('noting that a space is erased', () => {
  const note: RegisterCommand = { type: 'NoteErasure', data: { id: 's1' }, now };
  test('forgets a deleted one', () =>
    register
      .given(created(), deleted)
      .when(note)
      .thenState(({ spaces }) => expect(spaces.size).toBe(0)));
  test('notes nothing of a live one', () => register.given(created()).when(note).thenNothing());
});

test('what is erased of a deleted space leads to the same register', () => {
  const past: RegisterEvent[] = [created({ super: true, copyright_text: 'ours' }), other({ super: true }), deleted];
  expect(fold(registerDecider, past.map(erased))).toEqual(fold(registerDecider, past));
});
