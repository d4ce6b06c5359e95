import type { EventOf, MailServerSettings, SpaceEvent } from '../space/events.ts';
import type { MailServer } from '../space/space.ts';
import { defaultSettings, openSettings, type SpaceSettings, sealedSettings } from '../space/space-settings.ts';

/** Facts for specs. */
export const then = '2026-01-01T00:00:00.000Z';
export const now = '2026-02-01T12:30:00.000Z';

export const settingsOf = (more: Partial<SpaceSettings> = {}): SpaceSettings => ({
  ...defaultSettings,
  name: 'Example',
  host: 'fam.example.org',
  ...more,
});

export const created = (
  more: Partial<SpaceSettings> = {},
  { space = 's1', number = 1, domain = 'sip.example.org' } = {},
): EventOf<'SpaceCreated'> => {
  const settings = settingsOf(more);
  const personal = sealedSettings.parse(settings);
  return { type: 'SpaceCreated', data: { space, at: then, number, domain, ...openSettings.parse(settings), personal } };
};

export const serverSettings: MailServerSettings = {
  host: 'smtp.example.org',
  port: 587,
  username: 'mailer',
  password: 'secret',
  from_address: 'noreply@example.org',
  from_name: 'The Team',
  signature: 'Yours, the team',
};
export const mailServer: MailServer = {
  id: 3,
  settings: serverSettings,
  createdAt: '2026-01-02T00:00:00.000Z',
  updatedAt: '2026-01-02T00:00:00.000Z',
};
export const mailServerSet: SpaceEvent = {
  type: 'MailServerSet',
  data: { space: 's1', at: mailServer.createdAt, id: 3, since: mailServer.createdAt, personal: serverSettings },
};

/** As it reads once the key of its subject is destroyed. */
export const erased = <E extends { readonly data: object }>(event: E): E =>
  'personal' in event.data ? { ...event, data: { ...event.data, personal: 'erased' } } : event;
