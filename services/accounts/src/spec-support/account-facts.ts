import type { Verifier } from '@flexistream/contracts';
import type { CreateAccount, UpdateAccount } from '../account/commands.ts';
import type { AccountClaims, AccountEvent, EventOf } from '../account/events.ts';
import { makeVerifier } from '../account/verifiers.ts';

export const now = '2026-01-01T00:00:00.000Z';
export const later = '2026-01-02T00:00:00.000Z';
export const by = { ip: '203.0.113.5', userAgent: 'a client' };
export const base = { id: 7, spaceId: 'one', at: now };
export const verifier: Verifier = makeVerifier('SHA-256', 'jane', 'one.example.org', 's3cret!');
export const claims: AccountClaims = { name: 'claim-jane', email: null, phone: null };

export const created: EventOf<'AccountCreated'> = {
  type: 'AccountCreated',
  data: {
    ...base,
    domain: 'one.example.org',
    origin: 'admin',
    admin: false,
    activated: false,
    dtmfProtocol: null,
    claims,
    personal: { username: 'jane', displayName: null, email: null, phone: null, dictionary: [], ...by },
  },
};
export const passwordSet: EventOf<'PasswordSet'> = {
  type: 'PasswordSet',
  data: { ...base, algorithm: 'SHA-256', cause: 'creation', personal: { verifier, ...by } },
};
export const tokenIssued: EventOf<'ProvisioningTokenIssued'> = {
  type: 'ProvisioningTokenIssued',
  data: { ...base, cause: 'creation', hash: 'hash', expireAt: null, personal: { token: 'Xb7hPq2LmZ9aT', ...by } },
};
/** The facts of a creation. */
export const born: AccountEvent[] = [created, passwordSet, tokenIssued];
export const deleted: EventOf<'AccountDeleted'> = {
  type: 'AccountDeleted',
  data: { ...base, cause: 'admin', tombstone: 'accounttombstone-x', freed: ['claim-jane'] },
};
export const fenced: EventOf<'ClaimAbandoned'> = { type: 'ClaimAbandoned', data: { claim: 'claim-jane' } };
export const activated: EventOf<'AccountActivated'> = { type: 'AccountActivated', data: { ...base, cause: 'admin', personal: by } };
export const blocked: EventOf<'AccountBlocked'> = { type: 'AccountBlocked', data: { ...base, cause: 'admin', personal: by } };

export const createAccount = (more: Partial<CreateAccount['data']> = {}): CreateAccount => ({
  type: 'CreateAccount',
  data: {
    id: 7,
    spaceId: 'one',
    domain: 'one.example.org',
    origin: 'admin',
    username: 'jane',
    displayName: null,
    email: null,
    phone: null,
    dtmfProtocol: null,
    dictionary: [],
    admin: false,
    activated: false,
    verifier,
    provisioning: { token: 'Xb7hPq2LmZ9aT', hash: 'hash', expireAt: null },
    claims,
    by,
    ...more,
  },
  now,
});

/** Changes nothing of the account that `born` makes. */
export const updateAccount = (more: Partial<UpdateAccount['data']> = {}): UpdateAccount => ({
  type: 'UpdateAccount',
  data: {
    spaceId: 'one',
    domain: 'one.example.org',
    username: 'jane',
    displayName: null,
    email: null,
    phone: null,
    dtmfProtocol: null,
    dictionary: undefined,
    admin: false,
    activated: undefined,
    verifier,
    claims,
    by,
    ...more,
  },
  now: later,
});
