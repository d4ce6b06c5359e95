import { momentOf, momentOrNull } from '@flexistream/http';
import type { LiveSpace, MailServer } from './space.ts';

/** Whole seconds, as every moment of this API that nobody chose (spec tokens.md §1). */
const wholeSecond = (at: string): string => momentOf(`${at.slice(0, 19)}.000Z`);

/** Never with a password (spec spaces.md §8). */
export const mailServerJson = (server: MailServer | null) => {
  if (server === null) return null;
  const { host, port, username, from_address, from_name, signature } = server.settings;
  return {
    id: server.id,
    host,
    port,
    username,
    from_address,
    from_name,
    signature,
    created_at: wholeSecond(server.createdAt),
    updated_at: wholeSecond(server.updatedAt),
  };
};
export type MailServerJson = ReturnType<typeof mailServerJson>;

/** The space object of spec spaces.md §4, members in its order. */
export const spaceJson = ({ domain, settings, createdAt, updatedAt, mailServer }: LiveSpace) => ({
  domain,
  super: settings.super,
  created_at: wholeSecond(createdAt),
  updated_at: wholeSecond(updatedAt),
  disable_chat_feature: settings.disable_chat_feature,
  disable_meetings_feature: settings.disable_meetings_feature,
  disable_broadcast_feature: settings.disable_broadcast_feature,
  max_account: settings.max_account,
  hide_settings: settings.hide_settings,
  hide_account_settings: settings.hide_account_settings,
  disable_call_recordings_feature: settings.disable_call_recordings_feature,
  only_display_sip_uri_username: settings.only_display_sip_uri_username,
  assistant_hide_create_account: settings.assistant_hide_create_account,
  assistant_disable_qr_code: settings.assistant_disable_qr_code,
  assistant_hide_third_party_account: settings.assistant_hide_third_party_account,
  host: settings.host,
  max_accounts: settings.max_accounts,
  expire_at: momentOrNull(settings.expire_at),
  copyright_text: settings.copyright_text,
  intro_registration_text: settings.intro_registration_text,
  newsletter_registration_address: settings.newsletter_registration_address,
  account_proxy_registrar_address: settings.account_proxy_registrar_address,
  account_realm: settings.account_realm,
  custom_provisioning_entries: settings.custom_provisioning_entries,
  custom_provisioning_overwrite_all: settings.custom_provisioning_overwrite_all,
  provisioning_use_linphone_provisioning_header: settings.provisioning_use_linphone_provisioning_header,
  custom_theme: settings.custom_theme,
  web_panel: settings.web_panel,
  public_registration: settings.public_registration,
  phone_registration: settings.phone_registration,
  intercom_features: settings.intercom_features,
  name: settings.name,
  email_server: mailServerJson(mailServer),
});
export type SpaceJson = ReturnType<typeof spaceJson>;

/** The members that a change of settings leads to. */
export const changeJson = (changed: Partial<LiveSpace['settings']>, at: string): Partial<SpaceJson> => ({
  ...changed,
  ...(changed.expire_at === undefined ? {} : { expire_at: momentOrNull(changed.expire_at) }),
  updated_at: wholeSecond(at),
});
