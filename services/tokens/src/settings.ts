import { integerSetting } from '@flexistream/service-host';

/** Minutes, 0 = never (spec operations.md §5.3). A change acts on what exists at once: expiry is reckoned at each use. */
export const tokensSettings = {
  APP_API_KEY_EXPIRATION_MINUTES: integerSetting(
    'minutes without use after which a user API key ends, also the age of its cookie; 0 = never',
    60,
  ),
  APP_ACCOUNT_CREATION_TOKEN_EXPIRATION_MINUTES: integerSetting('minutes for which an account creation token can be used; 0 = for ever', 0),
} as const;
