import { type NewEvent, uuidv7 } from '@flexistream/kernel';
import { reopening } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { EventStore } from '../port.ts';

/** One engine of its own, empty. Each `open` opens a store on it; the check closes one before it opens the next. */
export interface EventStoreSetting {
  open(): Promise<EventStore>;
}

export const opened = reopening<EventStore>;

/** An event that is told apart by its number. */
export const numbered = (number: number, more: Partial<NewEvent> = {}): NewEvent => ({
  id: uuidv7(),
  type: 'Counted',
  schema: 1,
  data: { number },
  metadata: { command: uuidv7(), correlation: uuidv7(), actor: 'public', at: '2026-01-01T00:00:00.000Z' },
  ...more,
});

export const numbersOf = (events: readonly { readonly data: object }[]): unknown[] =>
  events.map(({ data }) => (data as { number?: unknown }).number);

export const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));

export const refusedAsConflict = async (work: Promise<unknown>): Promise<void> => {
  await expect(work).rejects.toMatchObject({ code: 'event-store/conflict' });
};
