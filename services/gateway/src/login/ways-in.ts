import { headerOf } from '../request/header-text.ts';
import { type ApiKeys, presentedKey } from './api-key.ts';
import { type Attempt, type Login, LoginFailed } from './attempt.ts';
import { type BearerTokens, presentedBearer } from './bearer.ts';
import type { Digest } from './digest/digest.ts';

export interface WaysIn {
  readonly keys: ApiKeys;
  readonly digest: Digest;
  /** Undefined when no issuer is configured: a bearer token is ignored then. */
  readonly bearer: BearerTokens | undefined;
  /** `ACCOUNT_AUTHENTICATION_BEARER`; empty = off. */
  readonly bearerChallenge: string;
}

/** The first way that is present decides alone (spec auth-and-errors.md §5). */
export const logIn = async (ways: WaysIn, attempt: Attempt): Promise<Login> => {
  const { headers } = attempt;
  const authorization = headerOf(headers.authorization);
  if (ways.bearer !== undefined) {
    const token = presentedBearer(authorization);
    if (token !== undefined) return ways.bearer.logIn(attempt, token);
  }
  const key = presentedKey(headers);
  if (key !== undefined) return ways.keys.logIn(attempt, key);
  if (ways.bearerChallenge !== '') throw bearerWanted(ways.bearerChallenge);
  const from = headerOf(headers.from);
  if (from === undefined || from.trim() === '') {
    throw new LoginFailed(401, { key: 'from_required' }, { counts: authorization !== undefined });
  }
  return ways.digest.logIn(attempt, from, authorization);
};

/** Whether the request tries to prove who it is: then it is limited by account, not by address. */
export const hasCredential = (headers: Attempt['headers']): boolean =>
  headers.authorization !== undefined || presentedKey(headers) !== undefined;

/** The only failure without a body (spec README.md, decision 2). */
const bearerWanted = (challenge: string): LoginFailed =>
  new LoginFailed(401, undefined, { counts: false, headers: { 'WWW-Authenticate': `Bearer ${challenge}` } });
