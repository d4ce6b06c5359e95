import type { Command, Decider } from '@flexistream/kernel';
import { type TombstoneEvent, tombstoneEvents } from './events.ts';

/** Since when the name of a deleted account is kept from others (ISO 8601); null = never was. */
export type Tombstone = string | null;

/** `at` is the moment of the deletion: the same one asked for again changes nothing. */
export type ReserveName = Command & { readonly type: 'ReserveName'; readonly data: { readonly at: string } };

export const tombstoneDecider: Decider<Tombstone, ReserveName, TombstoneEvent> = {
  initial: null,
  events: tombstoneEvents,
  evolve: (since, { data: { at } }) => (since === null || at > since ? at : since),
  decide: ({ data: { at } }, since) => (since !== null && since >= at ? [] : [{ type: 'NameReserved', data: { at } }]),
};

const DAY_MS = 86_400_000;

/** Whether the name is kept at a moment (ms since 1970); 0 days = for ever (spec accounts.md §10). */
export const keepsName = (since: Tombstone, days: number, now: number): boolean =>
  since !== null && (days === 0 || now < Date.parse(since) + days * DAY_MS);
