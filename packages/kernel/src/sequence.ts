import { z } from 'zod';
import { event, eventCatalogue } from './events.ts';
import { type CommandContext, isConflict, type Journal, stamp } from './journal.ts';

export const sequenceEvents = eventCatalogue({
  /** The ids from `first` to `last` belong to whoever appended this. */
  BlockReserved: event(1, z.object({ first: z.number().int(), last: z.number().int() })),
});

/** Hands out integer ids that no other instance hands out; gaps are fine. */
export interface Sequence {
  next(context: CommandContext): Promise<number>;
}

/** Reserves blocks of `size` ids on a stream of its own: first writer wins, a loser takes the next block (design §4). */
export const sequence = (journal: Journal, stream: string, size: number): Sequence => {
  let next = 1;
  let last = 0;
  let reserving: Promise<void> | undefined;

  const reserve = async (context: CommandContext): Promise<void> => {
    for (;;) {
      const newest = await journal.last(stream);
      const first = newest === undefined ? 1 : (newest.data as { last: number }).last + 1;
      const block = { type: 'BlockReserved', data: { first, last: first + size - 1 } };
      // The id of the event must be this instance's own: two that reserve for the same command would else take one block twice.
      const events = stamp([block], `${stream} ${instance}`, context, sequenceEvents.version);
      try {
        await journal.append(stream, events, { expect: newest?.revision ?? 'no-stream' });
        next = first;
        last = block.data.last;
        return;
      } catch (error) {
        if (!isConflict(error)) throw error;
      }
    }
  };

  const instance = crypto.randomUUID();
  return {
    next: async (context) => {
      while (next > last) {
        reserving ??= reserve(context).finally(() => {
          reserving = undefined;
        });
        await reserving;
      }
      return next++;
    },
  };
};
