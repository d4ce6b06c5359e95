import type { Seen } from '@flexistream/read-models';
import { add, type Collection, foldDocument, followingProjection, put } from '@flexistream/read-models';
import { type Call, callDecider, unknownCall } from './call.ts';
import { type CallEvent, callEvents } from './events.ts';

/** A call with its devices: the aggregate's own state, folded by its own rules, so that both can never differ. */
export const calls: Collection = { name: 'call', indexes: [] };
/** One thin row for each of the two people of a call. */
export const callsByParty: Collection = { name: 'call_by_party', indexes: [['party', 'initiatedAt', 'call']] };
/** How many rows somebody has: pages show it, so it is kept, not counted. */
export const callCounts: Collection = { name: 'call_count', indexes: [] };

export type CallDocument = Call & Readonly<Record<string, unknown>>;
export type CallByParty = { readonly party: number; readonly initiatedAt: string; readonly call: string };
export type CallCount = { readonly calls: number };

const PREFIX = 'call-';
export const callStream = (call: string): string => `${PREFIX}${call}`;
const callOf = ({ stored }: Seen<CallEvent>): string => stored.stream.slice(PREFIX.length);

const folded = (event: Seen<CallEvent>) =>
  foldDocument<CallDocument>(calls.name, callOf(event), (call) => callDecider.evolve(call ?? unknownCall, event) as CallDocument);

/** Holds numbers, no texts: an erasure needs no change here. */
export const callView = followingProjection<CallEvent>(
  { name: 'call', version: 1, collections: [calls, callsByParty, callCounts] },
  callEvents,
  {
    CallAnnounced: (event) => {
      const { from, to, initiatedAt } = event.data;
      const call = callOf(event);
      const parties = [...new Set([from.address, to.address])];
      return [
        folded(event),
        ...parties.map((party) => put(callsByParty.name, `${party}/${call}`, { party, initiatedAt, call })),
        ...parties.map((party) => add(callCounts.name, party, { calls: 1 })),
      ];
    },
    CallDeviceReported: folded,
    CallEnded: folded,
  },
);
