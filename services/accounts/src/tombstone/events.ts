import { event, eventCatalogue, type FactOf } from '@flexistream/kernel';
import { z } from 'zod';

/** The stream is named by a keyed hash of domain and user name; the facts hold the moment only (ISO 8601). */
export const tombstoneEvents = eventCatalogue({
  NameReserved: event(1, z.object({ at: z.string() })),
});
export type TombstoneEvent = FactOf<typeof tombstoneEvents.types>;
