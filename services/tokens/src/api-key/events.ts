import { event, eventCatalogue, type FactOf, sealed } from '@flexistream/kernel';
import { z } from 'zod';

/** The stream of one key; `key` is the keyed hash of its text, which is nowhere. */
export const apiKeyStream = (key: string): string => `apikey-${key}`;
/** The keys of one account. */
export const accountKeysStream = (accountId: number): string => `accountkeys-${accountId}`;

const accountId = z.number().int();

/** In the key's own stream. What is personal is sealed for the account's keys together. */
export const apiKeyEvents = eventCatalogue({
  ApiKeyMade: event(
    1,
    z.object({
      accountId,
      kind: z.enum(['user', 'admin']),
      /** Null = after the setting, as it is at each use. */
      expiresAfterMinutes: z.number().int().nullable(),
      /** Of the account when the key was made; null for admin keys. */
      credentialVersion: z.number().int().nullable(),
      at: z.string(),
      /** The address that it is bound to; null = any. */
      personal: sealed(z.object({ address: z.string().nullable() })),
    }),
  ),
  ApiKeyMoved: event(1, z.object({ credentialVersion: z.number().int(), at: z.string() })),
  ApiKeyRevoked: event(1, z.object({ accountId, at: z.string() })),
});
export type ApiKeyEvent = FactOf<typeof apiKeyEvents.types>;

/** In the account's stream: which keys count. A user key is good only while it is the one named here. */
export const accountKeysEvents = eventCatalogue({
  UserKeySet: event(1, z.object({ key: z.string(), at: z.string() })),
  AdminKeyAdded: event(1, z.object({ key: z.string(), at: z.string() })),
  /** The account is gone: none of its keys is good, nor will one be. */
  KeysEnded: event(1, z.object({ at: z.string() })),
});
export type AccountKeysEvent = FactOf<typeof accountKeysEvents.types>;
