import { Buffer } from 'node:buffer';
import { boolean, domainName, email, expiryDate, ini, integer, type Presence, type Rule, text } from '@flexistream/http';

const required = { required: true } as const;
/** When it is there it must be one: null is none. */
const ifPresent = { filled: { key: 'boolean' } } as const;
/** The key must be there, null is fine: a forgotten key would lift the expiry or wipe a text (spec spaces.md §13, 3). */
const present = { present: true } as const;

const featureFlags = [
  'disable_chat_feature',
  'disable_meetings_feature',
  'disable_broadcast_feature',
  'hide_settings',
  'hide_account_settings',
  'disable_call_recordings_feature',
  'only_display_sip_uri_username',
  'assistant_hide_create_account',
  'assistant_disable_qr_code',
  'assistant_hide_third_party_account',
] as const;

const otherFlags = [
  'custom_provisioning_overwrite_all',
  'provisioning_use_linphone_provisioning_header',
  'custom_theme',
  'web_panel',
  'public_registration',
  'phone_registration',
  'intercom_features',
] as const;

const each = <const N extends string, F>(names: readonly N[], field: F): Record<N, F> =>
  Object.fromEntries(names.map((name) => [name, field])) as Record<N, F>;

/** Long texts are limited in bytes. */
const atMostBytes =
  (n: number): Rule<string> =>
  (value) =>
    Buffer.byteLength(value) > n ? { key: 'max_text', values: { n } } : undefined;

const longText = { rules: [atMostBytes(65_535)] } as const;

const textFields = <const P extends Presence>(presence: P) => ({
  custom_provisioning_entries: ini(presence),
  copyright_text: text({ ...presence, ...longText }),
  intro_registration_text: text({ ...presence, ...longText }),
  newsletter_registration_address: email({ ...presence, max: 255 }),
  account_proxy_registrar_address: text({ ...presence, max: 255 }),
  account_realm: domainName(presence),
});

/** Fields of POST in the order of spec spaces.md §5. `now` in ms since 1970. */
export const creationFields = (now: number) => ({
  name: text({ required: true, max: 255 }),
  domain: domainName({ required: true, max: 64 }),
  host: domainName(),
  super: boolean(ifPresent),
  ...each(featureFlags, boolean(ifPresent)),
  max_account: integer({ min: 0 }),
  max_accounts: integer({ min: 0 }),
  expire_at: expiryDate({ now }),
  ...textFields({}),
  ...each(otherFlags, boolean(ifPresent)),
});

/** Fields of PUT. `stored` is the space's present expiry, which may be sent again when it has passed. */
export const updateFields = (now: number, stored: number | null) => ({
  name: text({ required: true, max: 255 }),
  host: domainName(),
  super: boolean(required),
  ...each(featureFlags, boolean(required)),
  max_account: integer({ required: true, min: 0 }),
  max_accounts: integer({ required: true, min: 0 }),
  expire_at: expiryDate({ present: true, now, stored }),
  ...textFields(present),
  ...each(otherFlags, boolean(required)),
});
