import { event, eventCatalogue, type FactOf, sealed } from '@flexistream/kernel';
import { z } from 'zod';

/** `id` is the keyed hash of the token's text, which is nowhere; the stream is also the subject of what is sealed. */
export const creationTokenStream = (id: string): string => `creationtoken-${id}`;
export const idOfStream = (stream: string): string => stream.slice(creationTokenStream('').length);

const accountId = z.number().int();
const at = z.string();

export const creationTokenEvents = eventCatalogue({
  CreationTokenMade: event(
    1,
    z.object({
      origin: z.enum(['admin']),
      at,
      /** Of the request that made it. */
      personal: sealed(z.object({ ip: z.string(), userAgent: z.string().nullable() })),
    }),
  ),
  /** Held for an account that is about to be created. */
  CreationTokenReserved: event(1, z.object({ accountId, at })),
  CreationTokenReleased: event(1, z.object({ accountId, at })),
  CreationTokenUsed: event(1, z.object({ accountId, at })),
  /** Nobody used it, and a day ago it expired: it is forgotten. */
  CreationTokenLapsed: event(1, z.object({ at })),
});
export type CreationTokenEvent = FactOf<typeof creationTokenEvents.types>;
