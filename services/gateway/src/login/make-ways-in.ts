import type { KeyObject } from 'node:crypto';
import type { Ephemeral } from '@flexistream/ephemeral';
import type { Clock } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import type { Identities } from '../identity/identities.ts';
import type { GatewaySettings } from '../settings.ts';
import { ApiKeys } from './api-key.ts';
import { BearerTokens } from './bearer.ts';
import { Digest } from './digest/digest.ts';
import { jwtVerifier } from './jwt.ts';
import type { WaysIn } from './ways-in.ts';

export interface WaysInParts {
  readonly identities: Identities;
  readonly ephemeral: Ephemeral;
  readonly clock: Clock;
  readonly settings: GatewaySettings;
  readonly log: Log;
  readonly key: KeyObject;
}

/** @throws Error when the issuer's key cannot be read: the process must not start */
export const waysIn = ({ identities, ephemeral, clock, settings, log, key }: WaysInParts): WaysIn => {
  const rules = {
    pem: settings.JWT_RSA_PUBLIC_KEY_PEM,
    jwksUrl: settings.JWT_JWKS_URL,
    issuer: settings.JWT_ISSUER,
    audience: settings.JWT_AUDIENCE,
    expirationRequired: settings.JWT_EXPIRATION_REQUIRED,
  };
  const verify = jwtVerifier(rules, clock);
  const challenge = settings.ACCOUNT_AUTHENTICATION_BEARER;
  const nonceMinutes = settings.DIGEST_NONCE_MINUTES;
  return {
    keys: new ApiKeys({ identities, clock, log }),
    digest: new Digest({ identities, ephemeral, clock, key, nonceMinutes, checksUri: settings.DIGEST_CHECK_URI }),
    bearer: verify && new BearerTokens({ identities, verify, challenge, sipClaim: settings.JWT_SIP_IDENTIFIER }),
    bearerChallenge: challenge,
  };
};
