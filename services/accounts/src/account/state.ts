import type { Verifier } from '@flexistream/contracts';
import type { AccountClaims } from './events.ts';
import type { Profile } from './profile.ts';

export interface PresentAccount {
  readonly status: 'present';
  readonly profile: Profile;
  readonly verifiers: readonly Verifier[];
  /** Rises with every verifier that differs. */
  readonly credentialVersion: number;
  readonly claims: AccountClaims;
  /** The id of the creation token that the account has redeemed. */
  readonly creationToken: string | null;
}

/** What is left to be done, and done again harmlessly, after the fact. */
export interface DeletedAccount {
  readonly status: 'deleted';
  readonly id: number;
  readonly spaceId: string;
  readonly tombstone: string | null;
  readonly freed: readonly string[];
  /** ISO 8601. */
  readonly at: string;
}

export type Account =
  | { readonly status: 'absent' }
  /** Its creation was given up: no account ever has this id. */
  | { readonly status: 'fenced' }
  | PresentAccount
  | DeletedAccount;
