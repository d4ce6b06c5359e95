import type { Verifier } from '@flexistream/contracts';
import type { AccountClaims, DtmfProtocol, Entries, EventOf, Requester } from './events.ts';

interface Asked<T extends string, D extends object = object> {
  readonly type: T;
  readonly data: D & { readonly by: Requester };
  readonly now: string;
}

/** A fresh token, its keyed hash, and when it ends (ISO 8601; null = never). */
export interface ProvisioningToken {
  readonly token: string;
  readonly hash: string;
  readonly expireAt: string | null;
}

export interface Place {
  readonly spaceId: string;
  readonly domain: string;
}

export type CreateAccount = Asked<
  'CreateAccount',
  Place & {
    readonly id: number;
    readonly origin: EventOf<'AccountCreated'>['data']['origin'];
    readonly username: string;
    readonly displayName: string | null;
    readonly email: string | null;
    readonly phone: string | null;
    readonly dtmfProtocol: DtmfProtocol | null;
    readonly dictionary: Entries;
    readonly admin: boolean;
    readonly activated: boolean;
    readonly creationToken?: string;
    readonly verifier: Verifier;
    readonly provisioning: ProvisioningToken;
    readonly claims: AccountClaims;
    readonly by: { readonly ip: string; readonly userAgent: string };
  }
>;

/** A replacement by an admin: `activated` and `dictionary` stay when they are undefined (spec accounts.md §7). */
export type UpdateAccount = Asked<
  'UpdateAccount',
  Place & {
    readonly username: string;
    readonly displayName: string | null;
    readonly email: string | null;
    readonly phone: string | null;
    readonly dtmfProtocol: DtmfProtocol | null;
    readonly dictionary: Entries | undefined;
    readonly admin: boolean;
    readonly activated: boolean | undefined;
    readonly verifier: Verifier;
    readonly claims: AccountClaims;
  }
>;

export type ChangePassword = Asked<'ChangePassword', { readonly verifier: Verifier; readonly oldPassword: string | null }>;
export type IssueProvisioningToken = Asked<
  'IssueProvisioningToken',
  ProvisioningToken & { readonly cause: EventOf<'ProvisioningTokenIssued'>['data']['cause'] }
>;
export type RedeemCreationToken = Asked<'RedeemCreationToken', { readonly creationToken: string }>;
export type SwitchAccount = Asked<'ActivateAccount' | 'DeactivateAccount' | 'BlockAccount' | 'UnblockAccount'>;

export interface DeleteAccount {
  readonly type: 'DeleteAccount';
  readonly data: {
    readonly cause: EventOf<'AccountDeleted'>['data']['cause'];
    /** The tombstone of a name: refused when the account is called otherwise by now. Null = the name gets none. */
    readonly tombstone: { readonly stream: string; readonly username: string; readonly spaceId: string } | null;
  };
  readonly now: string;
}

/** Afterwards the id is an account or can never be one. */
export interface FenceCreation {
  readonly type: 'FenceCreation';
  readonly data: object;
  readonly now: string;
}

export type AccountCommand =
  | CreateAccount
  | UpdateAccount
  | ChangePassword
  | IssueProvisioningToken
  | RedeemCreationToken
  | SwitchAccount
  | DeleteAccount
  | FenceCreation;
