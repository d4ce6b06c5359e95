import { fold } from '@flexistream/kernel';
import { specFor } from '@flexistream/kernel/spec';
import { describe, expect, test } from '@jest/globals';
import { created, erased, mailServer, mailServerSet, now, serverSettings } from '../spec-support/facts.ts';
import type { MailServerSettings, SpaceEvent } from './events.ts';
import { type MailServerCommand, spaceDecider, type WantedMailServer } from './space.ts';

const space = specFor(spaceDecider);
const { password: _, ...withoutPassword } = serverSettings;

const set = (server: WantedMailServer): MailServerCommand => ({ type: 'SetMailServer', data: { id: 9, server }, now });
const remove: MailServerCommand = { type: 'RemoveMailServer', data: {}, now };
const deleted: SpaceEvent = { type: 'SpaceDeleted', data: { space: 's1', at: now, domain: 'd', host: 'h', name: 'n' } };
const removed: SpaceEvent = { type: 'MailServerRemoved', data: { space: 's1', at: now } };
const replaced = (personal: MailServerSettings): SpaceEvent => ({
  type: 'MailServerSet',
  data: { space: 's1', at: now, id: 3, since: mailServer.createdAt, personal },
});

describe('setting the mail server', () => {
  test('gives a space its first one, with a new id', () =>
    space
      .given(created())
      .when(set(serverSettings))
      .then({ type: 'MailServerSet', data: { space: 's1', at: now, id: 9, since: now, personal: serverSettings } }));
  test('replaces one, which keeps its id and its day of creation', () =>
    space
      .given(created(), mailServerSet)
      .when(set({ ...serverSettings, port: 25 }))
      .then(replaced({ ...serverSettings, port: 25 })));
  test('changes nothing when nothing differs', () => space.given(created(), mailServerSet).when(set(serverSettings)).thenNothing());
  test('changes nothing when what GET shows is sent back', () =>
    space.given(created(), mailServerSet).when(set(withoutPassword)).thenNothing());
  test('keeps the password while host and user name do', () =>
    space
      .given(created(), mailServerSet)
      .when(set({ ...withoutPassword, port: 25 }))
      .then(replaced({ ...serverSettings, port: 25 })));
  test.each([
    ['host', { host: 'smtp.example.com' }],
    ['user name', { username: 'other' }],
  ])('does not hand the password on to another %s', (_name, other) =>
    space
      .given(created(), mailServerSet)
      .when(set({ ...withoutPassword, ...other }))
      .then(replaced({ ...withoutPassword, ...other, password: null })),
  );
  test('removes the password when it is null', () =>
    space
      .given(created(), mailServerSet)
      .when(set({ ...serverSettings, password: null }))
      .then(replaced({ ...serverSettings, password: null })));
  test('has a new id after a removal', () =>
    space
      .given(created(), mailServerSet, removed)
      .when(set(serverSettings))
      .then({ type: 'MailServerSet', data: { space: 's1', at: now, id: 9, since: now, personal: serverSettings } }));
  test('is refused by a deleted space', () => space.given(created(), deleted).when(set(serverSettings)).thenRefused('space_unknown'));
  test('is refused where there is no space', () => space.given().when(set(serverSettings)).thenRefused('space_unknown'));
});

describe('removing the mail server', () => {
  test('removes it', () => space.given(created(), mailServerSet).when(remove).then(removed));
  test('is refused when there is none', () => space.given(created()).when(remove).thenRefused('mail_server_unknown'));
  test('is refused by a deleted space', () => space.given(created(), mailServerSet, deleted).when(remove).thenRefused('space_unknown'));
});

describe('a space', () => {
  test('does not count a change of its mail server as an update', () => {
    expect(fold(spaceDecider, [created(), mailServerSet])).toMatchObject({ mailServer, updatedAt: '2026-01-01T00:00:00.000Z' });
  });
  test('has lost its texts and its mail server once they are erased, and nothing else', () => {
    const gone = fold(spaceDecider, [created({ host: 'h.example.org' }), mailServerSet].map(erased));
    expect(gone).toMatchObject({
      status: 'live',
      mailServer: null,
      settings: { host: 'h.example.org', copyright_text: null, custom_provisioning_entries: null },
    });
  });
  test('goes on over an event of a newer release', () => {
    const before = fold(spaceDecider, [created()]);
    expect(spaceDecider.evolve(before, { type: 'SpacePainted', data: { space: 's1', at: now } } as never)).toEqual(before);
  });
});
