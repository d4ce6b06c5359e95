import { event, eventCatalogue, type FactOf, sealed } from '@flexistream/kernel';
import { z } from 'zod';

/** `id` is the keyed hash of the token's text, which is nowhere; the stream is also the subject of what is sealed. */
export const creationTokenStream = (id: string): string => `creationtoken-${id}`;
export const idOfStream = (stream: string): string => stream.slice(creationTokenStream('').length);

const accountId = z.number().int();

export const creationTokenEvents = eventCatalogue({
  CreationTokenMade: event(
    1,
    z.object({
      origin: z.enum(['admin']),
      at: z.string(),
      /** Of the request that made it. */
      personal: sealed(z.object({ ip: z.string(), userAgent: z.string().nullable() })),
    }),
  ),
  /** Held for an account that is about to be created. */
  CreationTokenReserved: event(1, z.object({ accountId, at: z.string() })),
  CreationTokenReleased: event(1, z.object({ accountId, at: z.string() })),
  CreationTokenUsed: event(1, z.object({ accountId, at: z.string() })),
});
export type CreationTokenEvent = FactOf<typeof creationTokenEvents.types>;
