import type { Access, AccountIdentity, Caller, SpaceIdentity } from '@flexistream/contracts';
import { Failure } from '@flexistream/http';
import type { Clock } from '@flexistream/kernel';
import type { Login } from './attempt.ts';

/** Steps 9 to 12: blocked, expiry of the caller's own space, role (spec auth-and-errors.md §3, §4, §8). @throws Failure 403 */
export const expectAccess = (account: AccountIdentity, space: SpaceIdentity, access: Access, clock: Clock): void => {
  if (account.blocked) throw new Failure(403, { key: 'account_blocked' });
  // A super admin must be able to extend the very space that has expired.
  if (isExpired(space, clock()) && !isSuperAdmin(account, space)) throw new Failure(403, { key: 'space_expired' });
  if (access !== 'user' && !account.admin) throw new Failure(403, { key: 'unauthorized_area' });
  if (access === 'super' && !isSuperAdmin(account, space)) throw new Failure(403, { key: 'unauthorized_area' });
};

const isSuperAdmin = (account: AccountIdentity, space: SpaceIdentity): boolean => account.admin && space.super;

/** Reckoned at each use: the moment itself is expired already. */
const isExpired = ({ expireAt }: SpaceIdentity, now: number): boolean => expireAt !== null && expireAt <= now;

export const callerOf = ({ account, via, key }: Login, space: SpaceIdentity): Caller => ({
  accountId: account.id,
  username: account.username,
  space,
  admin: account.admin,
  superAdmin: isSuperAdmin(account, space),
  via,
  ...(key === undefined ? {} : { keyId: key.id, keyKind: key.kind }),
});
