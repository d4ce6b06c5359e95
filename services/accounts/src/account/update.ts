import type { Decision } from '@flexistream/kernel';
import type { UpdateAccount } from './commands.ts';
import type { AccountEvent, Entries } from './events.ts';
import { differs, heldBy } from './holdings.ts';
import type { PresentAccount } from './state.ts';

/**
 * A replacement: what is absent is null or false, but `activated` and `dictionary` stay, and `blocked` is never touched
 * (spec accounts.md §7). One fact for each thing that differs, none where nothing does.
 */
export const update = (command: UpdateAccount, account: PresentAccount): Decision<AccountEvent> => [
  ...whoItIs(command, account),
  ...howToReachIt(command, account),
  ...whatItMay(command, account),
  ...itsPassword(command, account),
];

const baseOf = ({ data: { spaceId }, now }: UpdateAccount, { profile: { id } }: PresentAccount) => ({ id, spaceId, at: now });

const whoItIs = (command: UpdateAccount, account: PresentAccount): AccountEvent[] => {
  const { username, domain, spaceId, displayName, dtmfProtocol, by } = command.data;
  const { profile } = account;
  const base = baseOf(command, account);
  const events: AccountEvent[] = [];
  if (spaceId !== profile.spaceId) {
    events.push({
      type: 'AccountMoved',
      data: { ...base, domain, fromSpaceId: profile.spaceId, ...holding(command, account), personal: by },
    });
  }
  if (username !== profile.username) {
    events.push({ type: 'AccountRenamed', data: { ...base, ...holding(command, account), personal: { username, ...by } } });
  }
  if (displayName !== profile.displayName || dtmfProtocol !== profile.dtmfProtocol) {
    events.push({ type: 'DetailsChanged', data: { ...base, dtmfProtocol, personal: { displayName, ...by } } });
  }
  return events;
};

const howToReachIt = (command: UpdateAccount, account: PresentAccount): AccountEvent[] => {
  const { email, phone, dictionary, by } = command.data;
  const { profile } = account;
  const base = baseOf(command, account);
  const events: AccountEvent[] = [];
  if (email !== profile.email) {
    events.push({ type: 'EmailSet', data: { ...base, ...holding(command, account), personal: { email, ...by } } });
  }
  if (phone !== profile.phone) {
    events.push({ type: 'PhoneSet', data: { ...base, ...holding(command, account), personal: { phone, ...by } } });
  }
  if (dictionary !== undefined && !sameEntries(dictionary, profile.dictionary)) {
    events.push({ type: 'DictionaryReplaced', data: { ...base, personal: { dictionary, ...by } } });
  }
  return events;
};

const whatItMay = (command: UpdateAccount, account: PresentAccount): AccountEvent[] => {
  const { admin, activated, by } = command.data;
  const { profile } = account;
  const data = { ...baseOf(command, account), personal: by };
  const events: AccountEvent[] = [];
  if (admin !== profile.admin) events.push({ type: admin ? 'AdminRightsGranted' : 'AdminRightsWithdrawn', data });
  if (activated === true && !profile.activated) events.push({ type: 'AccountActivated', data: { ...data, cause: 'admin' } });
  if (activated === false && profile.activated) events.push({ type: 'AccountDeactivated', data });
  return events;
};

const itsPassword = (command: UpdateAccount, account: PresentAccount): AccountEvent[] => {
  const { verifier, by } = command.data;
  if (!differs(account.verifiers, verifier)) return [];
  const data = { ...baseOf(command, account), algorithm: verifier.algorithm, cause: 'admin', personal: { verifier, ...by } } as const;
  return [{ type: 'PasswordSet', data }];
};

/** The claims after the whole update: a claim that any of them still is, is not given up. */
const holding = ({ data: { claims } }: UpdateAccount, account: PresentAccount) => {
  const kept = new Set(heldBy(claims));
  return { claims, freed: heldBy(account.claims).filter((claim) => !kept.has(claim)) };
};

const sameEntries = (a: Entries, b: Entries): boolean => {
  const before = new Map(b);
  return a.length === b.length && a.every(([key, value]) => before.get(key) === value);
};
