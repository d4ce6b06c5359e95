import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Clock, Unavailable } from '@flexistream/kernel';
import { type CompactVerifyGetKey, compactVerify, createRemoteJWKSet, decodeProtectedHeader, errors } from 'jose';

/** The family comes from our configuration, never from the token (spec auth-and-errors.md §16, 14). */
const ALGORITHMS = ['RS256', 'RS384', 'RS512'];
const LEEWAY_SECONDS = 60;

export type Claims = Readonly<Record<string, unknown>>;
export type JwtFault = 'jwt_malformed' | 'jwt_unsupported' | 'jwt_signature' | 'jwt_expired' | 'jwt_too_early';
export type JwtVerdict = { readonly claims: Claims } | { readonly fault: JwtFault };

export interface JwtRules {
  readonly issuer: string;
  readonly audience: string;
  readonly expirationRequired: boolean;
}

/** Verifies bearer tokens of one issuer: algorithm, signature, times, in this order. */
export type JwtVerifier = (token: string) => Promise<JwtVerdict>;

/** @throws Error when the text is no RSA public key: the process must not start */
export const readPublicKey = (text: string): KeyObject => {
  const pem = text.includes('-----BEGIN') ? text.replaceAll('\\n', '\n') : readFileSync(text, 'utf8');
  const key = createPublicKey(pem);
  if (key.asymmetricKeyType !== 'rsa') throw new Error('JWT_RSA_PUBLIC_KEY_PEM is not an RSA key');
  if ((key.asymmetricKeyDetails?.modulusLength ?? 0) < 2048) throw new Error('JWT_RSA_PUBLIC_KEY_PEM is shorter than 2048 bits');
  return key;
};

/** Undefined when no issuer is configured. */
export const jwtVerifier = (
  { pem, jwksUrl, ...rules }: JwtRules & { pem: string; jwksUrl: string },
  clock: Clock,
): JwtVerifier | undefined => {
  if (pem !== '') return verifierOf(readPublicKey(pem), rules, clock);
  if (jwksUrl !== '') return verifierOf(createRemoteJWKSet(new URL(jwksUrl), { timeoutDuration: 2000 }), rules, clock);
  return undefined;
};

const verifierOf =
  (key: KeyObject | CompactVerifyGetKey, rules: JwtRules, clock: Clock): JwtVerifier =>
  async (token) => {
    const algorithm = algorithmOf(token);
    if (algorithm === undefined) return { fault: 'jwt_malformed' };
    if (!ALGORITHMS.includes(algorithm)) return { fault: 'jwt_unsupported' };
    const verified = await verify(token, key);
    return 'fault' in verified ? verified : judge(verified.claims, rules, Math.floor(clock() / 1000));
  };

const algorithmOf = (token: string): string | undefined => {
  try {
    return token.split('.').length === 3 ? decodeProtectedHeader(token).alg : undefined;
  } catch {
    return undefined;
  }
};

const verify = async (token: string, key: KeyObject | CompactVerifyGetKey): Promise<JwtVerdict> => {
  try {
    const options = { algorithms: ALGORITHMS };
    const { payload } = typeof key === 'function' ? await compactVerify(token, key, options) : await compactVerify(token, key, options);
    const claims: unknown = JSON.parse(new TextDecoder().decode(payload));
    return typeof claims === 'object' && claims !== null && !Array.isArray(claims)
      ? { claims: claims as Claims }
      : { fault: 'jwt_malformed' };
  } catch (error) {
    return { fault: faultOf(error) };
  }
};

const faultOf = (error: unknown): JwtFault => {
  if (error instanceof SyntaxError) return 'jwt_malformed';
  if (!(error instanceof errors.JOSEError)) throw new Unavailable('the key set of the token issuer cannot be read', { cause: error });
  switch (error.code) {
    case 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED':
    case 'ERR_JWKS_NO_MATCHING_KEY':
    case 'ERR_JWKS_MULTIPLE_MATCHING_KEYS':
      return 'jwt_signature';
    case 'ERR_JWKS_TIMEOUT':
    case 'ERR_JWKS_INVALID':
    case 'ERR_JOSE_GENERIC':
      throw new Unavailable('the key set of the token issuer cannot be read', { cause: error });
    default:
      return 'jwt_malformed';
  }
};

const judge = (claims: Claims, { issuer, audience, expirationRequired }: JwtRules, now: number): JwtVerdict => {
  const { exp, nbf, iat, iss, aud } = claims;
  if ([exp, nbf, iat].some((time) => time !== undefined && typeof time !== 'number')) return { fault: 'jwt_malformed' };
  if (typeof exp === 'number' ? exp + LEEWAY_SECONDS <= now : expirationRequired) return { fault: 'jwt_expired' };
  if ([nbf, iat].some((time) => typeof time === 'number' && time - LEEWAY_SECONDS > now)) return { fault: 'jwt_too_early' };
  if (issuer !== '' && iss !== issuer) return { fault: 'jwt_malformed' };
  if (audience !== '' && ![aud].flat().includes(audience)) return { fault: 'jwt_malformed' };
  return { claims };
};
