import { algorithms } from '@flexistream/contracts';
import { sipUsername } from '@flexistream/http';
import { integerSetting, type Setting, switchSetting, textSetting, type ValuesOf } from '@flexistream/service-host';
import { z } from 'zod';

const anyName = '^[a-z0-9+_.-]*$';

const compiles = (pattern: string): boolean => {
  try {
    sipUsername(pattern);
    return true;
  } catch {
    return false;
  }
};

const usernameRegex: Setting<string> = {
  schema: z.string().default(anyName).refine(compiles, 'is no regular expression of linear time (RE2)'),
  doc: 'What a user name must match (RE2 syntax)',
  fallback: anyName,
};

const defaultAlgorithm: Setting<(typeof algorithms)[number]> = {
  schema: z.enum(algorithms).default('SHA-256'),
  doc: 'The hash of passwords that are set without naming one: MD5 or SHA-256',
  fallback: 'SHA-256',
};

const countries: Setting<ReadonlySet<string> | undefined> = {
  schema: z
    .string()
    .default('')
    .refine(
      (text) => text.trim() === '*' || text.split(',').every((code) => /^\s*([A-Za-z]{2})?\s*$/.test(code)),
      'is * or a comma list of ISO 3166 codes',
    )
    .transform((text) => {
      if (text.trim() === '*') return undefined;
      return new Set(
        text
          .split(',')
          .map((code) => code.trim().toUpperCase())
          .filter((code) => code !== ''),
      );
    }),
  doc: 'Countries whose phone numbers are accepted: ISO 3166 codes by commas, * = all; empty: none, as on a fresh FlexiAPI',
  fallback: '',
};

/** Variables of the accounts service (spec operations.md §5.2, §5.3). */
export const accountsSettings = {
  APP_ALLOW_PHONE_NUMBER_USERNAME_ADMIN_API: switchSetting('Admins may give user names that are phone numbers', false),
  ACCOUNT_EMAIL_UNIQUE: switchSetting('No two accounts of the instance may have the same e-mail address', false),
  ACCOUNT_BLACKLISTED_USERNAMES: textSetting('User names that are refused: a comma list of names or regular expressions (RE2 syntax)'),
  ACCOUNT_USERNAME_REGEX: usernameRegex,
  ACCOUNT_USERNAME_MIN_LENGTH: integerSetting('The shortest user name, in characters', 6, 1, 64),
  ACCOUNT_PASSWORD_MIN_LENGTH: integerSetting('The shortest password, in characters', 6, 1, 255),
  ACCOUNT_DEFAULT_PASSWORD_ALGORITHM: defaultAlgorithm,
  ACCOUNT_PHONE_COUNTRIES: countries,
  ACCOUNT_TOMBSTONE_DAYS: integerSetting('Days for which the name of a deleted account is kept from others; 0 = for ever', 7, 0, 36_500),
  APP_PROVISIONING_TOKEN_EXPIRATION_MINUTES: integerSetting('Minutes after which a provisioning token ends; 0 = never', 0, 0, 525_600_000),
};
export type AccountsSettings = ValuesOf<typeof accountsSettings>;
