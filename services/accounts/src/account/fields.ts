import { algorithms } from '@flexistream/contracts';
import {
  boolean,
  dictionary,
  email,
  type Field,
  type Fields,
  field,
  notBlacklisted,
  notPhoneNumber,
  noUppercase,
  oneOf,
  phone,
  sipUsername,
  text,
} from '@flexistream/http';
import type { AccountsSettings } from '../settings.ts';
import { dtmfProtocols } from './events.ts';

const USERNAME_MAX = 64;
const DISPLAY_NAME_MAX = 255;

/** The bodies of accounts; the order of the members is that of `errors` (spec accounts.md §3). */
export const accountFields = (settings: AccountsSettings) => {
  const username = (mayBePhone: boolean): Field<string> =>
    text({
      required: true,
      min: settings.ACCOUNT_USERNAME_MIN_LENGTH,
      max: USERNAME_MAX,
      rules: [noUppercase, ...(mayBePhone ? [] : [notPhoneNumber]), blacklist, pattern],
    });
  const blacklist = notBlacklisted(settings.ACCOUNT_BLACKLISTED_USERNAMES);
  const pattern = sipUsername(settings.ACCOUNT_USERNAME_REGEX);
  const countries = settings.ACCOUNT_PHONE_COUNTRIES;
  const password = text({ required: true, min: settings.ACCOUNT_PASSWORD_MIN_LENGTH });
  const algorithm = oneOf(algorithms, { required: true }, { key: 'password_algorithm' });

  const rest = {
    domain: text(),
    dictionary: dictionary(),
    password,
    email: email(),
    dtmf_protocol: oneOf(dtmfProtocols),
    phone: phone(countries === undefined ? {} : { countries }),
    display_name: text({ max: DISPLAY_NAME_MAX }),
    algorithm,
  };
  const byAdmin = { ...rest, admin: boolean(), activated: boolean() };
  return {
    byAdmin: { username: username(settings.APP_ALLOW_PHONE_NUMBER_USERNAME_ADMIN_API), ...byAdmin },
    /** A name that stays as it is, is not checked again. */
    byAdminSameName: { username: text({ required: true }), ...byAdmin },
    byToken: {
      username: username(false),
      ...rest,
      display_name: unread,
      admin: refused,
      activated: refused,
      account_creation_token: text({ required: true }),
    },
    newPassword: { algorithm, password },
    oldPassword: { old_password: text({ required: true }) },
  } satisfies Record<string, Fields>;
};
export type AccountFields = ReturnType<typeof accountFields>;

/** Taken by nobody and checked by nobody (spec accounts.md §6). */
const unread: Field<undefined> = field({}, () => undefined) as Field<undefined>;

/** A privilege that strangers ask for (spec tokens.md §9). */
const refused: Field<undefined> = field({}, (_value, report) => report({ key: 'one_of' })) as Field<undefined>;
