import { type Claim, type ClaimRules, type CommandContext, load, type Refusal, refuse } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { keepsName, tombstoneDecider } from '../tombstone/tombstone.ts';
import type { AccountClaims, AccountEvent } from './events.ts';
import { heldBy } from './holdings.ts';
import type { Account } from './state.ts';

const nameTaken = refuse('name_taken');
const emailTaken = refuse('email_taken');
const phoneTaken = refuse('phone_taken');

/** Where and how an account wants to be called: for tombstones, which know domains and names only. */
export interface Naming {
  readonly domain: string;
  readonly username: string;
}

/**
 * What the facts of an account claim beside its stream: name, e-mail and phone, then (once those are held) that no tombstone keeps the
 * name, and a place in the space. What a deletion or a move gives up is left to `completeRemoval` and `completeMove`, since something
 * else must come first.
 */
export const claimRules = (parts: Parts, owner: string, naming: Naming, context: CommandContext): ClaimRules<Account, AccountEvent> => ({
  wanted: (events, before) => {
    const next = claimsOf(events);
    if (next === undefined) return [];
    const held = before.status === 'present' ? heldBy(before.claims) : [];
    return wantedBy(next, parts.settings.ACCOUNT_EMAIL_UNIQUE).filter(({ stream }) => !held.includes(stream));
  },
  freed: (events) => (events.some(({ type }) => type === 'AccountDeleted' || type === 'AccountMoved') ? [] : freedBy(events)),
  verify: async (events): Promise<Refusal | undefined> => {
    if (events.some(({ type }) => namesAnew.has(type)) && (await isKept(parts, naming))) return nameTaken;
    const entered = events.find((event) => event.type === 'AccountCreated' || event.type === 'AccountMoved');
    return entered && parts.places.take(entered.data.spaceId, owner, context);
  },
});

export const freedBy = (events: readonly AccountEvent[]): readonly string[] => [
  ...new Set(events.flatMap(({ data }) => ('freed' in data ? data.freed : []))),
];

/** Whether a tombstone keeps the name from everybody. */
export const isKept = async ({ ports, settings, names }: Parts, { domain, username }: Naming): Promise<boolean> => {
  const { state } = await load(ports.journal, tombstoneDecider, names.tombstone(domain, username));
  return keepsName(state, settings.ACCOUNT_TOMBSTONE_DAYS, ports.clock());
};

const namesAnew: ReadonlySet<AccountEvent['type']> = new Set(['AccountCreated', 'AccountRenamed', 'AccountMoved']);

/** All facts of one command name the same claims. */
const claimsOf = (events: readonly AccountEvent[]): AccountClaims | undefined => {
  for (const { data } of events) if ('claims' in data) return data.claims;
  return undefined;
};

const wantedBy = ({ name, email, phone }: AccountClaims, emailUnique: boolean): Claim[] => [
  { stream: name, exclusive: true, refusal: nameTaken },
  ...(email === null ? [] : [{ stream: email, exclusive: emailUnique, refusal: emailTaken }]),
  ...(phone === null ? [] : [{ stream: phone, exclusive: true, refusal: phoneTaken }]),
];
