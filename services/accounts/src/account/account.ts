import { type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import type {
  AccountCommand,
  ChangePassword,
  CreateAccount,
  DeleteAccount,
  IssueProvisioningToken,
  RedeemCreationToken,
  SwitchAccount,
} from './commands.ts';
import { type AccountEvent, accountEvents, type EventOf } from './events.ts';
import { differs, heldBy } from './holdings.ts';
import { newProfile, profileChange } from './profile.ts';
import type { Account, PresentAccount } from './state.ts';
import { update } from './update.ts';
import { matchesAny } from './verifiers.ts';

const create = ({ data, now }: CreateAccount, account: Account): Decision<AccountEvent> => {
  if (account.status === 'fenced') return refuse('fenced');
  if (account.status === 'deleted') return refuse('account_unknown');
  if (account.status === 'present') return [];
  const { id, spaceId, domain, origin, admin, activated, dtmfProtocol, creationToken, claims, verifier, provisioning, by } = data;
  const { username, displayName, email, phone, dictionary } = data;
  const base = { id, spaceId, at: now };
  return [
    {
      type: 'AccountCreated',
      data: {
        ...base,
        domain,
        origin,
        admin,
        activated,
        dtmfProtocol,
        ...(creationToken === undefined ? {} : { creationToken }),
        claims,
        personal: { username, displayName, email, phone, dictionary, ...by },
      },
    },
    { type: 'PasswordSet', data: { ...base, algorithm: verifier.algorithm, cause: 'creation', personal: { verifier, ...by } } },
    issued(base, { ...provisioning, cause: 'creation', by }),
  ];
};

const issued = (
  base: { id: number; spaceId: string; at: string },
  { token, hash, expireAt, cause, by }: IssueProvisioningToken['data'],
): EventOf<'ProvisioningTokenIssued'> => ({
  type: 'ProvisioningTokenIssued',
  data: { ...base, cause, hash, expireAt, personal: { token, ...by } },
});

const baseOf = ({ profile: { id, spaceId } }: PresentAccount, now: string) => ({ id, spaceId, at: now });

const changePassword = ({ data, now }: ChangePassword, account: PresentAccount): Decision<AccountEvent> => {
  const { verifier, oldPassword, by } = data;
  if (account.verifiers.length > 0) {
    if (oldPassword === null) return refuse('old_password_missing');
    if (!matchesAny(account.verifiers, oldPassword)) return refuse('old_password_wrong');
  }
  const base = baseOf(account, now);
  const events: AccountEvent[] = [];
  if (differs(account.verifiers, verifier)) {
    events.push({ type: 'PasswordSet', data: { ...base, algorithm: verifier.algorithm, cause: 'change', personal: { verifier, ...by } } });
  }
  if (!account.profile.activated) events.push({ type: 'AccountActivated', data: { ...base, cause: 'password', personal: by } });
  return events;
};

const redeem = ({ data: { creationToken, by }, now }: RedeemCreationToken, account: PresentAccount): Decision<AccountEvent> =>
  account.creationToken === null
    ? [{ type: 'CreationTokenRedeemed', data: { ...baseOf(account, now), creationToken, personal: by } }]
    : account.creationToken === creationToken
      ? []
      : refuse('token_redeemed');

const switchAccount = ({ type, data: { by }, now }: SwitchAccount, account: PresentAccount): Decision<AccountEvent> => {
  const { activated, blocked } = account.profile;
  const data = { ...baseOf(account, now), personal: by };
  switch (type) {
    case 'ActivateAccount':
      return activated ? [] : [{ type: 'AccountActivated', data: { ...data, cause: 'admin' } }];
    case 'DeactivateAccount':
      return activated ? [{ type: 'AccountDeactivated', data }] : [];
    case 'BlockAccount':
      return blocked ? [] : [{ type: 'AccountBlocked', data: { ...data, cause: 'admin' } }];
    case 'UnblockAccount':
      return blocked ? [{ type: 'AccountUnblocked', data }] : [];
    default:
      return unreachable(type);
  }
};

const remove = ({ data: { cause, tombstone }, now }: DeleteAccount, account: Account): Decision<AccountEvent> => {
  if (account.status === 'deleted') return [];
  if (account.status !== 'present') return refuse('account_unknown');
  const { username, spaceId } = account.profile;
  if (tombstone !== null && (tombstone.username !== username || tombstone.spaceId !== spaceId)) return refuse('renamed_meanwhile');
  const data = { ...baseOf(account, now), cause, tombstone: tombstone?.stream ?? null, freed: heldBy(account.claims) };
  return [{ type: 'AccountDeleted', data }];
};

const decide = (command: AccountCommand, account: Account): Decision<AccountEvent> => {
  if (command.type === 'CreateAccount') return create(command, account);
  if (command.type === 'DeleteAccount') return remove(command, account);
  if (command.type === 'FenceCreation') return account.status === 'absent' ? [{ type: 'ClaimAbandoned', data: { claim: 'creation' } }] : [];
  if (account.status !== 'present') return refuse('account_unknown');
  switch (command.type) {
    case 'UpdateAccount':
      return update(command, account);
    case 'ChangePassword':
      return changePassword(command, account);
    case 'IssueProvisioningToken':
      return [issued(baseOf(account, command.now), command.data)];
    case 'RedeemCreationToken':
      return redeem(command, account);
    case 'ActivateAccount':
    case 'DeactivateAccount':
    case 'BlockAccount':
    case 'UnblockAccount':
      return switchAccount(command, account);
    default:
      return unreachable(command);
  }
};

const evolve = (account: Account, event: AccountEvent): Account => {
  switch (event.type) {
    case 'AccountCreated':
      return born(event);
    case 'ClaimAbandoned':
      return account.status === 'absent' ? { status: 'fenced' } : account;
    case 'AccountDeleted': {
      const { id, spaceId, tombstone, freed, at } = event.data;
      return { status: 'deleted', id, spaceId, tombstone, freed, at };
    }
    default:
      return account.status === 'present' ? changed(account, event) : account;
  }
};

/** An erased account is one that was deleted: its key goes after that fact only. */
const born = (event: EventOf<'AccountCreated'>): Account => {
  const { id, spaceId, claims, creationToken, at } = event.data;
  const profile = newProfile(event);
  if (profile === undefined) return { status: 'deleted', id, spaceId, tombstone: null, freed: heldBy(claims), at };
  return { status: 'present', profile, verifiers: [], credentialVersion: 0, claims, creationToken: creationToken ?? null };
};

const changed = (account: PresentAccount, event: AccountEvent): PresentAccount => {
  const next = { ...account, profile: { ...account.profile, ...profileChange(event) } };
  switch (event.type) {
    case 'PasswordSet': {
      const verifiers = event.data.personal === 'erased' ? [] : [event.data.personal.verifier];
      return { ...next, verifiers, credentialVersion: account.credentialVersion + 1 };
    }
    case 'AccountRenamed':
    case 'AccountMoved':
    case 'EmailSet':
    case 'PhoneSet':
      return { ...next, claims: event.data.claims };
    case 'CreationTokenRedeemed':
      return { ...next, creationToken: event.data.creationToken };
    default:
      return next;
  }
};

/** The rules of one account; uniqueness, places and tombstones are claimed beside them (claims.ts). */
export const accountDecider: Decider<Account, AccountCommand, AccountEvent> = {
  initial: { status: 'absent' },
  events: accountEvents,
  evolve,
  decide,
};
