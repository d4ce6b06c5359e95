import { expect } from '@jest/globals';
import { type Command, type Decider, type Fact, fold, isRefusal } from './decider.ts';

/** Specs of a decider read as sentences: given events, when a command, then events or a refusal. */
export const specFor = <S, C extends Command, E extends Fact>(decider: Decider<S, C, E>) => ({
  given: (...past: E[]) => ({
    when: (command: C) => {
      const decision = decider.decide(command, fold(decider, past));
      return {
        then: (...expected: E[]) => expect(decision).toEqual(expected),
        thenNothing: () => expect(decision).toEqual([]),
        thenRefused: (code: string, details?: object) =>
          expect(decision).toEqual(details === undefined ? expect.objectContaining({ refused: code }) : { refused: code, details }),
        /** The state that the accepted events lead to. */
        thenState: (check: (state: S) => void) => {
          if (isRefusal(decision)) throw new Error(`refused: ${decision.refused}`);
          check(fold(decider, [...past, ...decision]));
        },
      };
    },
  }),
});

/** A journal in memory, for specs of command handling only: what adapters promise is proven by the event store's contract suite. */
export { MemoryJournal } from './memory-journal.ts';
