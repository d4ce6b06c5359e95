import { type Collection, drop, inlineProjection, put } from '@flexistream/read-models';
import { type CreationTokenEvent, creationTokenEvents, idOfStream } from './events.ts';

/** Tokens without an account; `at`: their making, ISO 8601. */
export const unusedTokens: Collection = { name: 'unused', indexes: [['at']] };
export interface UnusedToken extends Record<string, unknown> {
  readonly tokenId: string;
  readonly at: string;
}

/** Reservations whose creation has not ended yet; `at`: their making, ISO 8601. */
export const reservations: Collection = { name: 'reservations', indexes: [['at']] };
export interface Reservation extends Record<string, unknown> {
  readonly tokenId: string;
  readonly accountId: number;
  readonly at: string;
}

/** Which tokens an account used, so that what they hold can be erased with it. */
export const usedTokens: Collection = { name: 'used', indexes: [['accountId']] };
export interface UsedToken extends Record<string, unknown> {
  readonly tokenId: string;
  readonly accountId: number;
}

/** What the sweeps go through. It takes nothing from sealed parts. */
export const creationTokenView = inlineProjection<CreationTokenEvent>(
  { name: 'creation-tokens', version: 2, collections: [unusedTokens, reservations, usedTokens] },
  creationTokenEvents,
  {
    CreationTokenMade: ({ data: { at }, stored }) => {
      const tokenId = idOfStream(stored.stream);
      return put(unusedTokens.name, tokenId, { tokenId, at } satisfies UnusedToken);
    },
    CreationTokenReserved: ({ data: { accountId, at }, stored }) => {
      const tokenId = idOfStream(stored.stream);
      return put(reservations.name, tokenId, { tokenId, accountId, at } satisfies Reservation);
    },
    CreationTokenReleased: ({ stored }) => drop(reservations.name, idOfStream(stored.stream)),
    CreationTokenUsed: ({ data: { accountId }, stored }) => {
      const tokenId = idOfStream(stored.stream);
      return [
        drop(unusedTokens.name, tokenId),
        drop(reservations.name, tokenId),
        put(usedTokens.name, tokenId, { tokenId, accountId } satisfies UsedToken),
      ];
    },
    CreationTokenLapsed: ({ stored }) => drop(unusedTokens.name, idOfStream(stored.stream)),
  },
);
