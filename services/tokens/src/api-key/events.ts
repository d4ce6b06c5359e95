import { event, eventCatalogue, type FactOf, sealed } from '@flexistream/kernel';
import { z } from 'zod';

/** The stream of one key; `key` is the keyed hash of its text, which is nowhere. */
export const apiKeyStream = (key: string): string => `apikey-${key}`;
/** Which key is the user key of an account. */
export const userKeyStream = (accountId: number): string => `userkey-${accountId}`;
/** Which admin keys an account has. */
export const adminKeysStream = (accountId: number): string => `adminkeys-${accountId}`;
/** Whose key seals what all API keys of an account hold of it. */
export const keysSubject = (accountId: number): string => `apikeys-of-${accountId}`;

const accountId = z.number().int();
/** A keyed hash. */
const key = z.string();
const at = z.string();

/** What a key was made for. Whether it counts is told by the account's streams below, and nowhere else. */
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
      at,
      /** The address that it is bound to; null = any. */
      personal: sealed(z.object({ address: z.string().nullable() })),
    }),
  ),
  ApiKeyMoved: event(1, z.object({ credentialVersion: z.number().int(), at })),
});
export type ApiKeyEvent = FactOf<typeof apiKeyEvents.types>;

/** Each of them tells the whole state, so that the newest is enough, however often an account asked for a key. */
export const userKeyEvents = eventCatalogue({
  /** `former` stopped at this very moment. */
  UserKeySet: event(1, z.object({ accountId, key, former: key.nullable(), at })),
  /** The account is gone: it has no user key and gets none any more. */
  UserKeyEnded: event(1, z.object({ accountId, former: key.nullable(), at })),
});
export type UserKeyEvent = FactOf<typeof userKeyEvents.types>;

export const adminKeysEvents = eventCatalogue({
  AdminKeyAdded: event(1, z.object({ accountId, key, at })),
  AdminKeyEnded: event(1, z.object({ accountId, key, at })),
  /** The account is gone: it gets no admin key any more. */
  AdminKeysClosed: event(1, z.object({ accountId, at })),
});
export type AdminKeysEvent = FactOf<typeof adminKeysEvents.types>;
