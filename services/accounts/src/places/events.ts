import { event, eventCatalogue, type FactOf } from '@flexistream/kernel';
import { z } from 'zod';

/** The places of a space's accounts. Owners are names of account streams. */
export const placesEvents = eventCatalogue({
  /** The accounts that were there when a limit was set, in parts: they hold places from now on. */
  PlacesCounted: event(1, z.object({ owners: z.array(z.string()) })),
  /** 0 = no limit, and nobody holds a place any more: none are counted meanwhile. */
  LimitSet: event(1, z.object({ limit: z.number().int() })),
  PlaceTaken: event(1, z.object({ owner: z.string() })),
  PlaceReleased: event(1, z.object({ owner: z.string() })),
  /** The space is deleted: nobody gets a place any more. */
  PlacesClosed: event(1, z.object({})),
});
export type PlacesEvent = FactOf<typeof placesEvents.types>;

const STREAM = 'places-';
export const placesStream = (spaceId: string): string => `${STREAM}${spaceId}`;
export const spaceIdOfPlaces = (stream: string): string => stream.slice(STREAM.length);
