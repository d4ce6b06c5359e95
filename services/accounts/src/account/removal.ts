import { type CommandContext, handle, isRefusal, releaseClaim } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { tombstoneDecider } from '../tombstone/tombstone.ts';
import { tell } from './command.ts';
import type { DeleteAccount } from './commands.ts';
import { accountStream } from './events.ts';
import { presentAccount } from './find.ts';
import type { DeletedAccount } from './state.ts';

type Cause = DeleteAccount['data']['cause'];

/**
 * Deletes one account for good. First the fact, then what follows from it: the name is still claimed until its tombstone stands, so
 * nobody can take it in between, and a crash leaves no tombstone beside an account that lives.
 * @returns false when there is no such account (any more).
 */
export const removeAccount = async (parts: Parts, id: number, cause: Cause, context: CommandContext): Promise<boolean> => {
  for (;;) {
    const account = await presentAccount(parts, id);
    if (account === undefined) return false;
    const { username, domain, spaceId } = account.profile;
    const tombstone = cause === 'space deleted' ? null : { stream: parts.names.tombstone(domain, username), username, spaceId };
    const handled = await tell(parts, id, { type: 'DeleteAccount', data: { cause, tombstone }, now: context.at }, context);
    if (isRefusal(handled)) {
      if (handled.refused === 'renamed_meanwhile') continue;
      return false;
    }
    if (handled.events.length === 0 || handled.state.status !== 'deleted') return false;
    await completeRemoval(parts, handled.state, context);
    return true;
  }
};

/** What follows from a deletion; done twice it changes nothing, so a crash in between is mended by doing it again. */
export const completeRemoval = async (
  { ports, places }: Parts,
  { id, spaceId, tombstone, freed, at }: DeletedAccount,
  context: CommandContext,
): Promise<void> => {
  const owner = accountStream(id);
  const { journal, vault } = ports;
  if (tombstone !== null) {
    const kept = await handle(journal, tombstoneDecider, tombstone, { type: 'ReserveName', data: { at }, now: context.at }, { context });
    if (isRefusal(kept)) throw new Error('a tombstone refuses nothing');
  }
  for (const claim of freed) await releaseClaim(journal, claim, owner, context);
  await places.release(spaceId, owner, context);
  await vault.erase(owner);
};
