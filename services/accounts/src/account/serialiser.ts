import { momentOf, momentOrNull } from '@flexistream/http';
import type { ChangeCode, Profile } from './profile.ts';

/** Whole seconds, as every moment of this API (spec tokens.md §1). */
const moment = (at: string): string => momentOf(`${at.slice(0, 19)}.000Z`);

/** Members 1 to 18 of every account JSON, in this order (spec accounts.md §2). `realm`: the space's, null when it has none. */
const common = (profile: Profile, realm: string | null) => ({
  id: profile.id,
  username: profile.username,
  domain: profile.domain,
  email: profile.email,
  activated: profile.activated,
  ip_address: profile.ip,
  user_agent: profile.userAgent,
  created_at: moment(profile.createdAt),
  display_name: profile.displayName,
  dtmf_protocol: profile.dtmfProtocol,
  updated_at: moment(profile.updatedAt),
  blocked: profile.blocked,
  admin: profile.admin,
  phone: profile.phone,
  realm,
  provisioning_token: profile.provisioningToken,
  provisioning_token_expire_at: profile.provisioningTokenExpireAt === null ? null : moment(profile.provisioningTokenExpireAt),
  dictionary: Object.fromEntries(profile.dictionary),
});

const passwords = ({ algorithms }: Profile) => algorithms.map((algorithm) => ({ algorithm }));

/** Actions are played by DTMF: without a protocol there are none to show. */
const actions = ({ dtmfProtocol, actions: stored }: Profile) =>
  dtmfProtocol === null ? [] : stored.map(({ id, key, code }) => ({ id, key, code }));

const types = (profile: Profile) => profile.types.map(({ id, key }) => ({ id, key }));

const changeCode = (kind: 'email' | 'phone', code: ChangeCode | null) =>
  code && {
    [kind]: code.value,
    created_at: momentOrNull(code.createdAt),
    updated_at: momentOrNull(code.updatedAt),
    ip: code.ip,
    user_agent: code.userAgent,
  };

const withCode = (kind: 'email' | 'phone', code: ChangeCode | null) => code && { code: code.code, ...changeCode(kind, code) };

/** View A: the account's own, and the answer of most commands. Never a `code`. */
export const ownView = (profile: Profile, realm: string | null) => ({
  ...common(profile, realm),
  passwords: passwords(profile),
  email_change_code: changeCode('email', profile.emailChangeCode),
  types: types(profile),
  actions: actions(profile),
});

/** View B: an item of a list. */
export const listView = (profile: Profile, realm: string | null) => ({
  ...common(profile, realm),
  email_change_code: changeCode('email', profile.emailChangeCode),
  types: types(profile),
  actions: actions(profile),
  phone_change_code: changeCode('phone', profile.phoneChangeCode),
});

/** What admins get of one account: A, and both change codes with their `code`. */
export const adminView = (profile: Profile, realm: string | null) => ({
  ...common(profile, realm),
  passwords: passwords(profile),
  email_change_code: withCode('email', profile.emailChangeCode),
  types: types(profile),
  actions: actions(profile),
  phone_change_code: withCode('phone', profile.phoneChangeCode),
});
