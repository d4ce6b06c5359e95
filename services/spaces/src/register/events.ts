import { event, eventCatalogue, type FactOf } from '@flexistream/kernel';
import { z } from 'zod';
import { registeredEvents } from '../space/events.ts';

/** One stream for all spaces: what must hold among them is decided here (design §4). */
export const registerStream = 'spaceregister';

export const registerEvents = eventCatalogue({
  ...registeredEvents.types,
  /** The deleted space's own stream is complete and the key of its sealed parts destroyed: nothing of it is left to do. */
  SpaceErased: event(1, z.object({ space: z.string(), at: z.string() })),
});
export type RegisterEvent = FactOf<typeof registerEvents.types>;
