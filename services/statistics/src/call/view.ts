import { hash } from 'node:crypto';
import { add, type Collection, followingProjection, put, type Seen } from '@flexistream/read-models';
import { type CallEvent, callEvents } from './events.ts';

/**
 * One thin row for each of the two people of a call, found by numbers alone: every announcement writes two, and what they cost is the pages
 * that they touch. Rows are made in the order of the log, their index is the one random place (design §8). The call itself is its own
 * stream, which a page of rows reads: a copy beside it would be written again by every report of a device.
 */
export const callsByParty: Collection = {
  name: 'call_by_party',
  indexes: [['party', 'initiatedAt', 'tie']],
  positioned: true,
};
/** How many rows somebody has: pages show it, so it is kept, not counted. */
export const callCounts: Collection = { name: 'call_count', indexes: [] };

/** `initiatedAt` in ms since 1970; `tie` follows from the call's id: calls of one moment stand in one order, however their reports came. */
export type CallByParty = { readonly party: number; readonly initiatedAt: number; readonly tie: number; readonly call: string };
export type CallCount = { readonly calls: number };

const PREFIX = 'call-';
export const callStream = (call: string): string => `${PREFIX}${call}`;
const callOf = ({ stored }: Seen<CallEvent>): string => stored.stream.slice(PREFIX.length);

/** Six bytes of its hash, an integer that JSON keeps: an index of the ids themselves would be four times as large. */
const tieOf = (call: string): number => hash('sha256', call, 'buffer').readUIntBE(0, 6);

/** As many digits as a position can have: so texts sort as the numbers do. */
const DIGITS = 16;
const rowId = (position: number, party: number): string => `${String(position).padStart(DIGITS, '0')}/${party}`;

/** Holds numbers, no texts: an erasure needs no change here. */
export const callView = followingProjection<CallEvent>({ name: 'call', version: 2, collections: [callsByParty, callCounts] }, callEvents, {
  CallAnnounced: (event) => {
    const { from, to, initiatedAt } = event.data;
    const { position } = event.stored;
    const call = callOf(event);
    const row = { initiatedAt: Date.parse(initiatedAt), tie: tieOf(call), call };
    return [...new Set([from.address, to.address])].flatMap((party) => [
      put(callsByParty.name, rowId(position, party), { party, ...row }),
      add(callCounts.name, party, { calls: 1 }),
    ]);
  },
});
