import type { Caller, SpaceIdentity } from '@flexistream/contracts';
import { notFound } from '@flexistream/http';
import { type CommandContext, load, ownersOf } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { accountDecider } from './account.ts';
import { accountIdOf, accountStream } from './events.ts';
import type { Account, PresentAccount } from './state.ts';

/** Consistent look-ups: streams and claims, never a view. */
export const loadAccount = async ({ ports }: Pick<Parts, 'ports'>, id: number): Promise<Account> =>
  (await load(ports.journal, accountDecider, accountStream(id))).state;

export const presentAccount = async (parts: Pick<Parts, 'ports'>, id: number): Promise<PresentAccount | undefined> => {
  const account = await loadAccount(parts, id);
  return account.status === 'present' ? account : undefined;
};

/** The lowest id first. A claim whose account never came to be, or is called otherwise by now, counts for nothing here. */
const ownersAt = async (parts: Parts, claim: string): Promise<PresentAccount[]> => {
  const ids = (await ownersOf(parts.ports.journal, claim)).map(accountIdOf).sort((a, b) => a - b);
  const accounts = await Promise.all(ids.map((id) => presentAccount(parts, id)));
  return accounts.filter((account) => account !== undefined);
};

export const accountNamed = async (parts: Parts, spaceId: string, username: string): Promise<PresentAccount | undefined> => {
  const name = username.toLowerCase();
  const owners = await ownersAt(parts, parts.names.name(spaceId, name));
  return owners.find(({ profile }) => profile.spaceId === spaceId && profile.username.toLowerCase() === name);
};

export const accountsAtEmail = async (parts: Parts, address: string): Promise<PresentAccount[]> => {
  const wanted = address.toLowerCase();
  return (await ownersAt(parts, parts.names.email(wanted))).filter(({ profile }) => profile.email?.toLowerCase() === wanted);
};

/** Digits only; anything else is nobody's id (spec auth-and-errors.md §2). */
export const idOf = (text: string | undefined): number | undefined => {
  if (text === undefined || !/^[0-9]{1,18}$/.test(text)) return undefined;
  const id = Number(text);
  return Number.isSafeInteger(id) ? id : undefined;
};

/** Admins reach their own space, super admins all; for the others an account does not exist (spec accounts.md §5). */
export const reaches = ({ space, superAdmin }: Caller, spaceId: string): boolean => superAdmin || space.id === spaceId;

/** The space of an account, undefined once it is deleted. */
export const spaceOf = async (
  { spaces }: Parts,
  caller: Caller | undefined,
  spaceId: string,
  context: CommandContext,
): Promise<SpaceIdentity | undefined> =>
  caller?.space.id === spaceId ? caller.space : ((await spaces.byId(spaceId, context)) ?? undefined);

export interface Reached {
  readonly account: PresentAccount;
  readonly space: SpaceIdentity;
}

/** @throws Failure 404 for what is unknown or out of reach. */
export const reach = async (parts: Parts, caller: Caller, id: number | undefined, context: CommandContext): Promise<Reached> => {
  const account = id === undefined ? undefined : await presentAccount(parts, id);
  if (account === undefined || !reaches(caller, account.profile.spaceId)) throw notFound();
  const space = await spaceOf(parts, caller, account.profile.spaceId, context);
  if (space === undefined) throw notFound();
  return { account, space };
};
