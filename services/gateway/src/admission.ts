import type { Caller } from '@flexistream/contracts';
import { Failure, isFailure } from '@flexistream/http';
import type { Clock } from '@flexistream/kernel';
import type { Exchange } from './exchange.ts';
import type { Identities } from './identity/identities.ts';
import type { Limits } from './limits/limits.ts';
import { callerOf, expectAccess } from './login/access.ts';
import { type Attempt, isLoginFailed, type Login } from './login/attempt.ts';
import { hasCredential, logIn, type WaysIn } from './login/ways-in.ts';
import type { Row } from './routing/route-table.ts';

export interface Admission {
  readonly identities: Identities;
  readonly ways: WaysIn;
  readonly limits: Limits;
  readonly clock: Clock;
}

/**
 * Who calls, and whether the route is theirs (steps 7 to 12). No refusal is given on a cached answer: the owners are asked once more
 * first, so what was given works at once at every gateway (design §7).
 * @throws Failure 401, 403, 404, 429
 */
export const admit = async (exchange: Exchange, row: Row, admission: Admission): Promise<Caller> => {
  const { look } = exchange;
  try {
    return await enter(attemptOf(exchange), exchange, row, admission);
  } catch (error) {
    if (!look.old || !mayChange(error)) throw await counted(error, exchange, admission);
  }
  try {
    const attempt = { ...attemptOf(exchange), look: admission.identities.lookAgain(look) };
    return await enter(attempt, exchange, row, admission);
  } catch (error) {
    throw await counted(error, exchange, admission);
  }
};

/** By a second look at the owners. */
const mayChange = (error: unknown): boolean => isFailure(error) && error.status !== 429 && !(isLoginFailed(error) && error.final);

const attemptOf = ({ request, target, arrival, hostSpace, look, once }: Exchange): Attempt => ({
  headers: request.headers,
  method: request.method ?? 'GET',
  target,
  arrival,
  hostSpace,
  look,
  once,
});

const enter = async (attempt: Attempt, exchange: Exchange, row: Row, { identities, ways, limits, clock }: Admission): Promise<Caller> => {
  const login = await logIn(ways, attempt);
  const { account } = login;
  exchange.accountId = account.id;
  exchange.via = login.via;
  // Admin keys are exempt by what they are, not by their path.
  if (!limits.off && !exchange.spared && login.key?.kind !== 'admin' && exchange.once.counted === undefined) {
    exchange.once.counted = true;
    exchange.limit = await limits.byAccount(account.id);
  }
  const space = await identities.space(account.spaceId, attempt.look);
  if (space === null) throw goneWithItsSpace(login); // its accounts follow
  expectAccess(account, space, row.access, clock);
  return callerOf(login, space);
};

/** The same answers as when the account itself is gone. */
const goneWithItsSpace = ({ via }: Login): Failure =>
  via === 'key' ? new Failure(401, { key: 'invalid_api_key' }) : new Failure(404, { key: 'missing_elements' });

/**
 * What a failure becomes: a failed login counts against its address, and whatever else keeps a credential from reaching an account is
 * limited like a request without one.
 */
const counted = async (error: unknown, exchange: Exchange, { limits }: Admission): Promise<unknown> => {
  const { accountId, arrival, request, spared } = exchange;
  if (spared || !isFailure(error) || accountId !== undefined) return error;
  if (isLoginFailed(error) && error.counts) return (await limits.failedLogin(arrival.address)) ?? error;
  if (!hasCredential(request.headers)) return error;
  return limits.byAddress(arrival.address).then(
    () => error,
    (exceeded: unknown) => exceeded,
  );
};
