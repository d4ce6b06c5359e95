import { type Fact, type StoredEvent, stamp, uuidv7 } from '@flexistream/kernel';
import { type Change, MemoryReadModels } from '@flexistream/read-models';
import { describe, expect, test } from '@jest/globals';
import { registerStream } from '../register/events.ts';
import { created, erased, mailServerSet, now, then } from '../spec-support/facts.ts';
import type { SpaceEvent } from './events.ts';
import { spaces, spaceView } from './view.ts';

const stored = (facts: readonly Fact[], stream: string): StoredEvent[] =>
  stamp(facts, stream, { id: uuidv7(0), correlation: 'c', actor: 'public', at: then }, () => 1).map((event, index) => ({
    ...event,
    stream,
    revision: index,
    position: index + 1,
  }));

/** What the view shows of s1 after everything came once in one batch, and once more event by event. */
const shown = async (facts: readonly Fact[], stream = 'space-s1'): Promise<unknown> => {
  const models = new MemoryReadModels();
  await models.declare([spaceView]);
  const batch = stored(facts, stream).map((event) => ({
    position: event.position,
    key: event.stream,
    changes: spaceView.changes(event) as readonly Change[],
  }));
  const last = batch.at(-1)?.position ?? 0;
  await models.apply(spaceView, batch, last);
  const once = await models.get(spaceView, spaces.name, 's1');
  for (const one of batch) await models.apply(spaceView, [one], last);
  expect(await models.get(spaceView, spaces.name, 's1')).toEqual(once);
  return once;
};

const about = (register: number) => ({ space: 's1', at: now, register });
const first: SpaceEvent = { ...created(), data: { ...created().data, register: 0 } };
const updated_at = '2026-02-01T12:30:00.000000Z';

describe('the view of a space', () => {
  test('holds every member of the API, in its order', async () => {
    expect(Object.keys((await shown([first])) as object)).toEqual([
      ...['domain', 'super', 'created_at', 'updated_at', 'disable_chat_feature', 'disable_meetings_feature', 'disable_broadcast_feature'],
      ...['max_account', 'hide_settings', 'hide_account_settings', 'disable_call_recordings_feature', 'only_display_sip_uri_username'],
      ...['assistant_hide_create_account', 'assistant_disable_qr_code', 'assistant_hide_third_party_account', 'host', 'max_accounts'],
      ...['expire_at', 'copyright_text', 'intro_registration_text', 'newsletter_registration_address', 'account_proxy_registrar_address'],
      ...['account_realm', 'custom_provisioning_entries', 'custom_provisioning_overwrite_all'],
      ...['provisioning_use_linphone_provisioning_header', 'custom_theme', 'web_panel', 'public_registration', 'phone_registration'],
      ...['intercom_features', 'name', 'email_server', 'register'],
    ]);
  });

  test.each<[string, SpaceEvent, object]>([
    ['SpaceRenamed', { type: 'SpaceRenamed', data: { ...about(1), name: 'New', former: 'Example' } }, { name: 'New', updated_at }],
    ['SpaceMoved', { type: 'SpaceMoved', data: { ...about(1), host: 'n.org', former: 'h' } }, { host: 'n.org', updated_at }],
    ['SpaceMadeSuper', { type: 'SpaceMadeSuper', data: about(1) }, { super: true, updated_at }],
    ['SpaceMadeNormal', { type: 'SpaceMadeNormal', data: about(1) }, { super: false, updated_at }],
    ['AppFeaturesSet', { type: 'AppFeaturesSet', data: { ...about(1), changed: { max_account: 3 } } }, { max_account: 3, updated_at }],
    [
      'ProvisioningSet',
      {
        type: 'ProvisioningSet',
        data: { ...about(1), changed: { custom_provisioning_overwrite_all: true }, personal: { custom_provisioning_entries: '[a]\nb=c' } },
      },
      { custom_provisioning_overwrite_all: true, custom_provisioning_entries: '[a]\nb=c', updated_at },
    ],
    ['TextsSet', { type: 'TextsSet', data: { ...about(1), personal: { copyright_text: 'ours' } } }, { copyright_text: 'ours', updated_at }],
    ['RealmSet', { type: 'RealmSet', data: { ...about(1), account_realm: 'r.org' } }, { account_realm: 'r.org', updated_at }],
    ['WebAccessSet', { type: 'WebAccessSet', data: { ...about(1), changed: { web_panel: false } } }, { web_panel: false, updated_at }],
    ['AccountLimitSet', { type: 'AccountLimitSet', data: { ...about(1), max_accounts: 5 } }, { max_accounts: 5, updated_at }],
    [
      'ExpirySet',
      { type: 'ExpirySet', data: { ...about(1), expire_at: '2026-03-01T10:00:00.500Z' } },
      { expire_at: '2026-03-01T10:00:00.500000Z', updated_at },
    ],
    ['ExpiryLifted', { type: 'ExpiryLifted', data: about(1) }, { expire_at: null, updated_at }],
    ['SpaceExpired', { type: 'SpaceExpired', data: { ...about(1), expire_at: now } }, {}],
  ])('takes in %s', async (_type, event, members) => {
    expect(await shown([first, event])).toEqual({ ...((await shown([first])) as object), ...members, register: 1 });
  });

  test('shows a mail server without its password, and an unmoved updated_at', async () => {
    const space = (await shown([first, mailServerSet])) as { email_server: object };
    expect(Object.entries(space.email_server)).toEqual([
      ['id', 3],
      ['host', 'smtp.example.org'],
      ['port', 587],
      ['username', 'mailer'],
      ['from_address', 'noreply@example.org'],
      ['from_name', 'The Team'],
      ['signature', 'Yours, the team'],
      ['created_at', '2026-01-02T00:00:00.000000Z'],
      ['updated_at', '2026-01-02T00:00:00.000000Z'],
    ]);
    expect(space).toEqual({ ...((await shown([first])) as object), email_server: space.email_server });
    expect(JSON.stringify(space)).not.toContain('secret');
  });

  test('shows no mail server once it is removed', async () => {
    const removed: SpaceEvent = { type: 'MailServerRemoved', data: { space: 's1', at: now } };
    expect(await shown([first, mailServerSet, removed])).toEqual(await shown([first]));
  });

  test('is gone with the space', async () => {
    const deleted: SpaceEvent = { type: 'SpaceDeleted', data: { ...about(1), domain: 'd', host: 'h', name: 'n' } };
    expect(await shown([first, mailServerSet, deleted])).toBeUndefined();
  });

  test('takes erased parts for nothing', async () => {
    expect(await shown([created({ copyright_text: 'ours' }), mailServerSet].map(erased))).toMatchObject({
      name: 'Example',
      copyright_text: null,
      email_server: null,
    });
  });

  test('does not look at the register, which states the same facts', async () => {
    expect(await shown([first], registerStream)).toBeUndefined();
  });
});
