import { type CommandContext, randomToken } from '@flexistream/kernel';
import type { AskService } from './service.ts';
import { secretSetting, textSetting } from './settings.ts';

/** What the first start makes (design §13). */
export const firstStartSettings = {
  FIRST_SPACE_DOMAIN: textSetting('SIP domain of the super space that the first start makes', 'sip.localhost'),
  FIRST_SPACE_HOST: textSetting('HTTP host of that space; unset: its domain'),
  FIRST_ADMIN_USERNAME: textSetting('user name of its super admin', 'admin'),
  FIRST_ADMIN_PASSWORD: secretSetting('password of that admin; unset: random, printed once'),
  FIRST_ADMIN_API_KEY: secretSetting('API key of that admin, bound to no address, without expiry; unset: random, printed once'),
} as const;

export interface FirstStartValues {
  readonly FIRST_SPACE_DOMAIN: string;
  readonly FIRST_SPACE_HOST: string;
  readonly FIRST_ADMIN_USERNAME: string;
  readonly FIRST_ADMIN_PASSWORD: string;
  readonly FIRST_ADMIN_API_KEY: string;
}

/** What was made; a random secret is in it only when it was made now, to be printed once. */
export interface FirstAdmin {
  readonly domain: string;
  readonly username: string;
  readonly password: string | undefined;
  readonly apiKey: string | undefined;
}

/**
 * Makes the first super space, its admin and the admin's key (design §13). Every step is idempotent, so a crash in between is mended by
 * the next start; a random key that was never printed stays unknown to everybody.
 */
export const makeFirstAdmin = async (ask: AskService, values: FirstStartValues, context: CommandContext): Promise<FirstAdmin> => {
  const domain = values.FIRST_SPACE_DOMAIN.toLowerCase();
  const host = values.FIRST_SPACE_HOST || domain;
  const username = values.FIRST_ADMIN_USERNAME;
  const password = values.FIRST_ADMIN_PASSWORD || randomToken(20);
  const apiKey = values.FIRST_ADMIN_API_KEY || randomToken(40);
  const space = await ask('spaces.createFirst', { domain, host, name: domain }, context);
  const admin = { spaceId: space.id, domain: space.domain, realm: space.realm, username, password };
  const account = await ask('accounts.createFirstAdmin', admin, context);
  const key = await ask('tokens.createAdminKey', { accountId: account.id, key: apiKey }, context);
  return {
    domain: space.domain,
    username,
    password: account.created && !values.FIRST_ADMIN_PASSWORD ? password : undefined,
    apiKey: key.created && !values.FIRST_ADMIN_API_KEY ? apiKey : undefined,
  };
};

/** The one text that a person reads at the first start. */
export const welcome = ({ domain, username, password, apiKey }: FirstAdmin, url: string): string => {
  const key = apiKey ?? '$FIRST_ADMIN_API_KEY';
  return [
    '',
    `Flexistream serves at ${url}`,
    `  super space   ${domain}`,
    `  super admin   ${username}@${domain}`,
    ...(password === undefined ? [] : [`  password      ${password}`]),
    ...(apiKey === undefined ? [] : [`  API key       ${apiKey}`]),
    'What is random above is shown this once and stored only as a hash.',
    'Try next:',
    `  curl -H 'x-api-key: ${key}' ${url}/api/accounts/me`,
    `  curl -H 'x-api-key: ${key}' -d '{"username":"alice1","password":"s3cret!","algorithm":"SHA-256"}' ${url}/api/accounts`,
    '',
  ].join('\n');
};
