import { z } from 'zod';
import { type Command, type Decider, type Decision, type Fact, isRefusal, type Refusal, refuse } from './decider.ts';
import { event, eventCatalogue, type FactOf } from './events.ts';
import { handle, load } from './handle.ts';
import { type CommandContext, derived, isConflict, type Journal, type StoredEvent, stamp } from './journal.ts';

/** Streams of claims are named by a keyed hash: a name cannot be erased (design §4). Owners are stream names. */
export const claimEvents = eventCatalogue({
  ClaimTaken: event(1, z.object({ owner: z.string() })),
  ClaimReleased: event(1, z.object({ owner: z.string() })),
});
export type ClaimEvent = FactOf<typeof claimEvents.types>;

/** Stands in the OWNER's stream: whoever took that claim and did not state the fact yet meets a conflict and starts over. */
export const claimAbandoned = event(1, z.object({ claim: z.string() }));

export type ClaimCommand =
  | (Command & { readonly type: 'TakeClaim'; readonly data: { readonly owner: string; readonly exclusive: boolean } })
  | (Command & { readonly type: 'ReleaseClaim'; readonly data: { readonly owner: string } });

type Owners = readonly string[];

/** Who holds one value. A second owner is refused only where the rule of uniqueness is on: it may be switched on over old data. */
export const claimDecider: Decider<Owners, ClaimCommand, ClaimEvent> = {
  initial: [],
  events: claimEvents,
  evolve: (owners, { type, data }) => {
    const others = owners.filter((owner) => owner !== data.owner);
    return type === 'ClaimTaken' ? [...others, data.owner] : others;
  },
  decide: ({ type, data }, owners): Decision<ClaimEvent> => {
    const holds = owners.includes(data.owner);
    if (type === 'ReleaseClaim') return holds ? [{ type: 'ClaimReleased', data: { owner: data.owner } }] : [];
    if (holds) return [];
    if (data.exclusive && owners.length > 0) return refuse('claim_taken', { owners });
    return [{ type: 'ClaimTaken', data: { owner: data.owner } }];
  },
};

export interface Claim {
  readonly stream: string;
  readonly exclusive: boolean;
  /** The refusal when somebody else holds it. */
  readonly refusal: Refusal;
}

/** What a decision takes and gives up. Order: claim, then the fact; to give up: the fact, then release (design §4). */
export interface ClaimRules<S, E extends Fact> {
  readonly wanted: (events: readonly E[], before: S) => readonly Claim[];
  readonly freed: (events: readonly E[], before: S) => readonly string[];
  /** Looked at once all claims are held and before the fact is stated, e.g. tombstones. */
  readonly verify?: (events: readonly E[], before: S) => Promise<Refusal | undefined>;
}

/** Takes every claim that the decision needs, or none: what was taken before a refusal is released again. */
export const takeClaims = async <S, E extends Fact>(
  journal: Journal,
  rules: ClaimRules<S, E>,
  events: readonly E[],
  before: S,
  owner: string,
  context: CommandContext,
): Promise<Refusal | undefined> => {
  const taken: string[] = [];
  for (const { stream, exclusive, refusal } of rules.wanted(events, before)) {
    const command: ClaimCommand = { type: 'TakeClaim', data: { owner, exclusive }, now: context.at };
    const handled = await handle(journal, claimDecider, stream, command, { context });
    if (isRefusal(handled)) return release(refusal);
    if (handled.events.length > 0) taken.push(stream);
  }
  const refusal = await rules.verify?.(events, before);
  return refusal && release(refusal);

  async function release(reason: Refusal): Promise<Refusal> {
    for (const stream of taken) await releaseClaim(journal, stream, owner, context);
    return reason;
  }
};

export const releaseClaim = async (journal: Journal, claim: string, owner: string, context: CommandContext): Promise<void> => {
  const command: ClaimCommand = { type: 'ReleaseClaim', data: { owner }, now: context.at };
  await handle(journal, claimDecider, claim, command, { context: derived(context, `release of ${claim}`) });
};

/** The owners of a value: a consistent look-up, never a view. */
export const ownersOf = async (journal: Journal, claim: string): Promise<readonly string[]> =>
  (await load(journal, claimDecider, claim)).state;

/**
 * Ends a claim whose owner never stated the fact. It trusts no clock: before it releases, it fences the owner by an event at the
 * exact revision of its stream ('no-stream' for a creation), so a writer that is merely slow meets a conflict (design §4).
 * `holds` tells from the owner's events whether the claim is its own by now.
 */
export const sweepClaim = async (
  journal: Journal,
  {
    claim,
    owner,
    holds,
    context,
  }: { claim: string; owner: string; holds: (events: readonly StoredEvent[]) => boolean; context: CommandContext },
): Promise<'held' | 'released'> => {
  for (;;) {
    const events = await journal.read(owner);
    if (holds(events)) return 'held';
    const fence = stamp(
      [{ type: 'ClaimAbandoned', data: { claim } }],
      owner,
      derived(context, `fence of ${claim}`),
      () => claimAbandoned.version,
    );
    try {
      await journal.append(owner, fence, { expect: events.at(-1)?.revision ?? 'no-stream' });
    } catch (error) {
      if (isConflict(error)) continue;
      throw error;
    }
    await releaseClaim(journal, claim, owner, context);
    return 'released';
  }
};
