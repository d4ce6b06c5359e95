import { type Collection, drop, inlineProjection, put } from '@flexistream/read-models';
import { type CreationTokenEvent, creationTokenEvents, idOfStream } from './events.ts';

/** Reservations whose creation has not ended yet. `at`: ISO 8601. */
export const reservations: Collection = { name: 'reservations', indexes: [['at']] };
export interface Reservation extends Record<string, unknown> {
  readonly tokenId: string;
  readonly accountId: number;
  readonly at: string;
}

/** Which tokens an account used, so that what they hold of it can be erased. */
export const usedTokens: Collection = { name: 'used', indexes: [['accountId']] };
export interface UsedToken extends Record<string, unknown> {
  readonly tokenId: string;
  readonly accountId: number;
}

export const creationTokenView = inlineProjection<CreationTokenEvent>(
  { name: 'creation-tokens', version: 1, collections: [reservations, usedTokens] },
  creationTokenEvents,
  {
    CreationTokenReserved: ({ data: { accountId, at }, stored }) => {
      const tokenId = idOfStream(stored.stream);
      return put(reservations.name, tokenId, { tokenId, accountId, at });
    },
    CreationTokenReleased: ({ stored }) => drop(reservations.name, idOfStream(stored.stream)),
    CreationTokenUsed: ({ data: { accountId }, stored }) => {
      const tokenId = idOfStream(stored.stream);
      return [drop(reservations.name, tokenId), put(usedTokens.name, tokenId, { tokenId, accountId })];
    },
  },
);
