import type { Handler } from '@flexistream/http';
import type { ValuesOf } from '@flexistream/service-host';
import type { tokensSettings } from '../settings.ts';
import type { ApiKeys } from './keys.ts';

/** GET /accounts/me/api_key (spec tokens.md §16): the bare key, and the same as a cookie. Each call replaces the former key. */
export const createMyApiKey =
  (keys: ApiKeys, settings: ValuesOf<typeof tokensSettings>): Handler =>
  async ({ caller: { accountId }, address, origin, context }) => {
    const key = await keys.renewUserKey(accountId, address, context);
    const cookie = cookieOf(key, settings.APP_API_KEY_EXPIRATION_MINUTES, origin.startsWith('https:'));
    return { status: 200, text: key, headers: { 'Set-Cookie': cookie }, changed: [`account-keys:${accountId}`] };
  };

/** For a key that never expires. */
const YEAR_SECONDS = 365 * 24 * 3600;

/** What the original sets, and `SameSite=Lax`; `Secure` behind TLS. */
const cookieOf = (key: string, minutes: number, secure: boolean): string =>
  [
    `x-api-key=${key}`,
    `Max-Age=${minutes === 0 ? YEAR_SECONDS : minutes * 60}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
  ].join('; ');
