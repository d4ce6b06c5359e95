import { isUnavailable, type StoredEvent } from '@flexistream/kernel';
import { describeFailure } from './failure.ts';
import type { EventChanges } from './port.ts';
import type { Projection } from './projection.ts';

/** Opens the sealed part of a stored event: its value, or `'erased'`. */
export type OpenEvent = (stored: StoredEvent) => Promise<StoredEvent> | StoredEvent;

export type OnFailure = (error: unknown, event: StoredEvent) => void;

/** What an event changes. One that the projection cannot take is marked as parked. @throws Unavailable in an outage, which is waited out. */
export const changesOf = (projection: Projection, opened: StoredEvent, onFailure?: OnFailure): EventChanges => {
  const { position, stream: key } = opened;
  try {
    return { position, key, changes: projection.changes(opened) };
  } catch (error) {
    if (isUnavailable(error)) throw error;
    onFailure?.(error, opened);
    return { position, key, changes: [], parked: describeFailure(error) };
  }
};
