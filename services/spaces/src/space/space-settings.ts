import { z } from 'zod';

const flag = z.boolean();
const count = z.number().int();
const textOrNone = z.string().nullable();

/** What apps are shown, and how many accounts one app may hold. */
export const appFeatures = z.object({
  disable_chat_feature: flag,
  disable_meetings_feature: flag,
  disable_broadcast_feature: flag,
  hide_settings: flag,
  hide_account_settings: flag,
  disable_call_recordings_feature: flag,
  only_display_sip_uri_username: flag,
  assistant_hide_create_account: flag,
  assistant_disable_qr_code: flag,
  assistant_hide_third_party_account: flag,
  max_account: count,
});

export const provisioningSwitches = z.object({
  custom_provisioning_overwrite_all: flag,
  provisioning_use_linphone_provisioning_header: flag,
});
/** Operators write passwords into it. */
export const provisioningEntries = z.object({ custom_provisioning_entries: textOrNone });

/** They may name persons. */
export const texts = z.object({
  copyright_text: textOrNone,
  intro_registration_text: textOrNone,
  newsletter_registration_address: textOrNone,
  account_proxy_registrar_address: textOrNone,
});

export const webAccess = z.object({
  web_panel: flag,
  custom_theme: flag,
  public_registration: flag,
  phone_registration: flag,
  intercom_features: flag,
});

/** Settings that have an event of their own. */
export const single = z.object({
  name: z.string(),
  host: z.string(),
  super: flag,
  /** 0 = no limit. */
  max_accounts: count,
  /** ISO 8601, UTC, milliseconds. */
  expire_at: textOrNone,
  account_realm: textOrNone,
});

const groups = { ...single.shape, ...appFeatures.shape, ...provisioningSwitches.shape, ...webAccess.shape };

/** The settings that events hold in clear, and those that they hold sealed. */
export const openSettings = z.object(groups);
export const sealedSettings = z.object({ ...texts.shape, ...provisioningEntries.shape });

/** Every setting of a space under its name in the API (spec spaces.md §5). */
export type SpaceSettings = Readonly<z.infer<typeof openSettings> & z.infer<typeof sealedSettings>>;

/** What a space has that was made with a name, a domain and nothing else. */
export const defaultSettings: Omit<SpaceSettings, 'name' | 'host'> = {
  super: false,
  max_accounts: 0,
  expire_at: null,
  account_realm: null,
  disable_chat_feature: false,
  disable_meetings_feature: false,
  disable_broadcast_feature: true,
  hide_settings: false,
  hide_account_settings: false,
  disable_call_recordings_feature: false,
  only_display_sip_uri_username: false,
  assistant_hide_create_account: false,
  assistant_disable_qr_code: false,
  assistant_hide_third_party_account: false,
  max_account: 0,
  custom_provisioning_overwrite_all: false,
  provisioning_use_linphone_provisioning_header: true,
  custom_provisioning_entries: null,
  copyright_text: null,
  intro_registration_text: null,
  newsletter_registration_address: null,
  account_proxy_registrar_address: null,
  web_panel: true,
  custom_theme: false,
  public_registration: true,
  phone_registration: true,
  intercom_features: false,
};
