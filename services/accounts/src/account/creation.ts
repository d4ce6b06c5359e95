import { type CommandContext, derived, isRefusal, type Refusal, releaseClaim } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { newProvisioningToken, tell } from './command.ts';
import type { CreateAccount } from './commands.ts';
import { accountStream } from './events.ts';
import { heldBy } from './holdings.ts';
import type { PresentAccount } from './state.ts';

/** What is asked for; ids, tokens and claims are added here. */
export type Draft = Omit<CreateAccount['data'], 'id' | 'provisioning' | 'claims' | 'creationToken'>;

/** What another service holds for a creation, e.g. a creation token: taken for the id before the account is made. */
export interface Reservation {
  /** The id of the creation token, or why there is none. */
  take(id: number, context: CommandContext): Promise<{ readonly creationToken: string } | Refusal>;
  /** After a refusal: nothing was made for this id, nor ever will be. */
  giveBack(id: number, context: CommandContext): Promise<void>;
}

/** A sweep may fence a creation that merely was slow; being fenced this often is none. */
export const ATTEMPTS = 5;

/** The context of the first attempt, the second one … */
export const attemptAt = (context: CommandContext, attempt: number): CommandContext =>
  attempt === 1 ? context : derived(context, `attempt ${attempt}`);

/**
 * Makes an account, or answers why not; `after` so many attempts of the same command. An id that a sweep has fenced is never used: the
 * creation starts over with a new one.
 */
export const createAccount = async (
  parts: Parts,
  draft: Draft,
  context: CommandContext,
  { reservation, after = 0 }: { readonly reservation?: Reservation; readonly after?: number | undefined } = {},
): Promise<PresentAccount | Refusal> => {
  for (let attempt = after + 1; ; attempt++) {
    const outcome = await tryToCreate(parts, draft, attemptAt(context, attempt), reservation);
    if (!isRefusal(outcome) || outcome.refused !== 'fenced' || attempt >= ATTEMPTS) return outcome;
  }
};

const tryToCreate = async (
  parts: Parts,
  draft: Draft,
  context: CommandContext,
  reservation: Reservation | undefined,
): Promise<PresentAccount | Refusal> => {
  const id = await parts.ids.next(context);
  const reserved = await reservation?.take(id, context);
  if (isRefusal(reserved)) return reserved;
  const claims = parts.names.all(draft.spaceId, draft);
  const data: CreateAccount['data'] = { ...draft, ...reserved, id, claims, provisioning: newProvisioningToken(parts) };
  const handled = await tell(parts, id, { type: 'CreateAccount', data, now: context.at }, context, draft);
  if (isRefusal(handled)) {
    if (handled.refused === 'fenced') await letGo(parts, data, context);
    await reservation?.giveBack(id, context);
    return handled;
  }
  if (handled.state.status !== 'present') throw new Error('a creation that was accepted ends in an account');
  return handled.state;
};

/** What was taken for an id that no account will ever have; else the next attempt would meet it as somebody else's. */
const letGo = async ({ ports, places }: Parts, { id, spaceId, claims }: CreateAccount['data'], context: CommandContext): Promise<void> => {
  const owner = accountStream(id);
  for (const claim of heldBy(claims)) await releaseClaim(ports.journal, claim, owner, context);
  await places.release(spaceId, owner, context);
};
