import { type CommandContext, releaseClaim } from '@flexistream/kernel';
import type { Parts } from '../parts.ts';
import { freedBy } from './claim-rules.ts';
import { type AccountEvent, accountStream } from './events.ts';

/**
 * What follows from a move: the place in the former space first, then the claims. While a claim is still to be released the sweep knows
 * of the move, and gives the place back too; the other way round a crash in between would lose it.
 */
export const completeMove = async (
  { ports, places }: Parts,
  id: number,
  events: readonly AccountEvent[],
  context: CommandContext,
): Promise<void> => {
  const owner = accountStream(id);
  for (const { type, data } of events) if (type === 'AccountMoved') await places.release(data.fromSpaceId, owner, context);
  for (const claim of freedBy(events)) await releaseClaim(ports.journal, claim, owner, context);
};
