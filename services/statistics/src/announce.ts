import {
  type ClaimRules,
  type Command,
  type CommandContext,
  type Decider,
  type Fact,
  handle,
  isConflict,
  isRefusal,
  type Journal,
  type Refusal,
  stamp,
} from '@flexistream/kernel';

/** What must be true before events may stand, e.g. that devices go with their address: a crash in between leaves nothing behind that nobody erases. */
export type Before<S, E extends Fact> = (events: readonly E[], before: S) => Promise<void>;

/** Runs at the place where kernel's command handling looks at claims: once it is decided, before it is stated. */
export const beforeStating = <S, E extends Fact>(before: Before<S, E>): ClaimRules<S, E> => ({
  wanted: () => [],
  freed: () => [],
  verify: async (events, state) => {
    await before(events, state);
    return undefined;
  },
});

interface Announcement<S, C extends Command, E extends Fact> {
  readonly journal: Journal;
  readonly decider: Decider<S, C, E>;
  readonly stream: string;
  readonly command: C;
  readonly context: CommandContext;
  readonly before: Before<S, E>;
}

/**
 * The hot path: nearly every announcement is the first of its id, so it costs one append and no read. Whoever finds somebody there before
 * (a report that overtook it, a second announcement) goes the way of every other command.
 */
export const announce = async <S, C extends Command, E extends Fact>(work: Announcement<S, C, E>): Promise<Refusal | undefined> => {
  const { journal, decider, stream, command, context, before } = work;
  const decision = decider.decide(command, decider.initial);
  if (isRefusal(decision)) return decision;
  await before(decision, decider.initial);
  try {
    await journal.append(stream, stamp(decision, stream, context, decider.events.version), { expect: 'no-stream' });
    return undefined;
  } catch (error) {
    if (!isConflict(error)) throw error;
  }
  const handled = await handle(journal, decider, stream, command, { context, claims: beforeStating(before) });
  if (!isRefusal(handled) || (await wasStatedBy(journal, stream, context))) return undefined;
  return handled;
};

/** The gateway repeats a command under its own id to another instance: the repeat answers as the first (spec README.md, decision 12). */
const wasStatedBy = async (journal: Journal, stream: string, { id }: CommandContext): Promise<boolean> =>
  (await journal.read(stream)).some(({ metadata }) => metadata.command === id);
