import { type Ini, readIni } from '../ini.ts';
import { type Field, type Given, obey, type Presence, type Rule } from './field.ts';
import { textual } from './text.ts';

/** Settings that the platform itself hands to phones (spec provisioning-and-vcards.md §8). */
const reserved: ReadonlySet<string> = new Set([
  'disable_chat_feature',
  'disable_meetings_feature',
  'disable_broadcast_feature',
  'max_account',
  'hide_settings',
  'hide_account_settings',
  'disable_call_recordings_feature',
  'only_display_sip_uri_username',
  'assistant_hide_create_account',
  'assistant_disable_qr_code',
  'assistant_hide_third_party_account',
  'copyright_text',
  'intro_registration_text',
  'newsletter_registration_address',
  'account_proxy_registrar_address',
  'account_realm',
]);

const keysOf = ({ sections }: Ini): string[] => [...sections.values()].flatMap((entries) => [...entries.keys()]);

const iniRule: Rule<string> = (text) => {
  const read = readIni(text);
  const keys = keysOf(read);
  if (read.faulty || keys.length === 0) return { key: 'ini' };
  const names = [...new Set(keys.filter((key) => reserved.has(key)))];
  return names.length === 0 ? undefined : { key: 'ini_reserved', values: { names: names.join(', ') } };
};

/** `custom_provisioning_entries`: INI with at least one entry and no reserved key; yields the text unchanged. Read it with `readIni`. */
export const ini = <const P extends Presence>(presence: P = {} as P): Field<Given<string, P>> =>
  textual(presence, (text, report) => obey(text, [iniRule], report));
