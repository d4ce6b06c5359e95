import type { EventStore } from '@flexistream/event-store';
import type { StoredEvent } from '@flexistream/kernel';
import { changesOf, type OpenEvent } from './changes-of.ts';
import type { EventChanges, ReadModels } from './port.ts';
import type { Projection } from './projection.ts';

export interface RetryOptions {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projection: Projection;
  readonly open: OpenEvent;
}

/**
 * Tries the parked events of one key again, in order; answers how many went through. It stops at the first that fails again. More may
 * be parked meanwhile, since the key is closed until none is left, so it looks again; events whose stream is gone change nothing.
 */
export const retryParked = async ({ eventStore, readModels, projection, open }: RetryOptions, key: string): Promise<number> => {
  let done = 0;
  for (;;) {
    const parked = (await readModels.parked(projection)).filter((event) => event.key === key);
    if (parked.length === 0) return done;
    const stream = new Map((await eventStore.read(key)).map((event) => [event.position, event]));
    for (const { position } of parked) {
      const stored = stream.get(position);
      const event: EventChanges = stored === undefined ? { position, key, changes: [] } : await changesAgain(projection, stored, open);
      if (event.parked !== undefined || !(await unparked(readModels, projection, event))) return done;
      done++;
    }
  }
};

const changesAgain = async (projection: Projection, stored: StoredEvent, open: OpenEvent): Promise<EventChanges> =>
  changesOf(projection, await open(stored));

const unparked = async (readModels: ReadModels, projection: Projection, event: EventChanges): Promise<boolean> => {
  try {
    await readModels.unpark(projection, [event]);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'unavailable') throw error;
    return false;
  }
};
