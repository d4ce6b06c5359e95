import { type CommandContext, derived, isoMoment, ownersOf, type StoredEvent, sweepClaim } from '@flexistream/kernel';
import { accountDecider } from '../account/account.ts';
import { accountEvents, accountIdOf } from '../account/events.ts';
import { loadAccount } from '../account/find.ts';
import { heldBy } from '../account/holdings.ts';
import { completeRemoval } from '../account/removal.ts';
import type { Account } from '../account/state.ts';
import type { Parts } from '../parts.ts';
import { placesStream, spaceIdOfPlaces } from '../places/events.ts';
import { type Pending, pendingClaims, pendingView } from './pending.ts';

/** Only courtesy: a writer that is slower still is fenced, not trusted to be dead (design §4). */
const LEFT_ALONE_MS = 60_000;
const AT_ONCE = 200;

/** Mends what a crash left half done: claims and places without a fact, deletions and renames without their releases. */
export const sweepPending = async (parts: Parts, context: CommandContext, leftAloneMs = LEFT_ALONE_MS): Promise<void> => {
  const { clock, views } = parts.ports;
  const below = isoMoment(clock() - leftAloneMs);
  for (let offset = 0; ; offset += AT_ONCE) {
    const found = await views.find<Pending>(pendingView, pendingClaims, {
      range: { field: 'at', below },
      order: { by: ['at'], direction: 'ascending' },
      offset,
      limit: AT_ONCE,
    });
    for (const pending of found) await tryToSweep(parts, pending, context);
    if (found.length < AT_ONCE) return;
  }
};

/** One that cannot be swept now keeps none of the others back; the next round tries it again. */
const tryToSweep = async (parts: Parts, pending: Pending, context: CommandContext): Promise<void> => {
  try {
    await sweepOne(parts, pending, derived(context, `${pending.owner} ${pending.claim}`));
  } catch (error) {
    parts.ports.log.error({ error, owner: pending.owner }, 'a claim could not be swept and will be tried again');
  }
};

export const sweepOne = async (parts: Parts, { claim, owner }: Omit<Pending, 'at'>, context: CommandContext): Promise<void> => {
  const { journal } = parts.ports;
  const account = await loadAccount(parts, accountIdOf(owner));
  if (account.status === 'deleted') return completeRemoval(parts, account, context);
  if (isPlace(claim)) return sweepPlace(parts, claim, owner, context);
  await leaveFormerSpaces(parts, owner, account, context);
  if (!(await ownersOf(journal, claim)).includes(owner)) return;
  await sweepClaim(journal, { claim, owner, holds: (events) => holds(events, claim), context });
};

const isPlace = (claim: string): boolean => claim.startsWith(placesStream(''));

/** The same fence as for a claim; only what is released differs, and the kernel's release of a claim that nobody holds does nothing. */
const sweepPlace = async ({ ports, places }: Parts, claim: string, owner: string, context: CommandContext): Promise<void> => {
  const spaceId = spaceIdOfPlaces(claim);
  if (!(await places.of(spaceId)).holders.has(owner)) return;
  const swept = await sweepClaim(ports.journal, {
    claim: `accountclaim-${claim}`,
    owner,
    holds: (events) => isIn(events, spaceId),
    context,
  });
  if (swept === 'released') await places.release(spaceId, owner, context);
};

/** After a move that was not finished. */
const leaveFormerSpaces = async ({ ports, places }: Parts, owner: string, account: Account, context: CommandContext): Promise<void> => {
  if (account.status !== 'present') return;
  for (const { type, data } of await ports.journal.read(owner)) {
    const { fromSpaceId } = data as { fromSpaceId?: string };
    if (type === 'AccountMoved' && fromSpaceId !== undefined && fromSpaceId !== account.profile.spaceId) {
      await places.release(fromSpaceId, owner, context);
    }
  }
};

const stateOf = (events: readonly StoredEvent[]): Account => {
  let account = accountDecider.initial;
  for (const stored of events) {
    const event = accountEvents.read(stored);
    if (event !== undefined) account = accountDecider.evolve(account, event);
  }
  return account;
};

const holds = (events: readonly StoredEvent[], claim: string): boolean => {
  const account = stateOf(events);
  return account.status === 'present' && heldBy(account.claims).includes(claim);
};

const isIn = (events: readonly StoredEvent[], spaceId: string): boolean => {
  const account = stateOf(events);
  return account.status === 'present' && account.profile.spaceId === spaceId;
};
