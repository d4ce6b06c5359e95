import { claimEvents, eventCatalogue, type FactOf } from '@flexistream/kernel';
import { type Collection, drop, followingProjection, put } from '@flexistream/read-models';
import { accountEvents, accountStream, type EventOf } from '../account/events.ts';
import { heldBy } from '../account/holdings.ts';
import { placesEvents, placesStream } from '../places/events.ts';

const events = eventCatalogue({ ...claimEvents.types, ...placesEvents.types, ...accountEvents.types });
type AnyEvent = FactOf<typeof events.types>;

/** A claim or place that is taken without its fact, or given up by a fact and not released yet. `at`: ISO 8601. */
export type Pending = { readonly claim: string; readonly owner: string; readonly at: string };

export const pendingClaims: Collection = { name: 'pending', indexes: [['at']] };

/** Spaces that are deleted, by id: nothing of theirs may stay. */
export const closedSpaces: Collection = { name: 'closed', indexes: [['spaceId']] };
export type ClosedSpace = { readonly spaceId: string };

const idOf = (claim: string, owner: string): string => `${owner} ${claim}`;
const open = (claim: string, owner: string, at: string) => put(pendingClaims.name, idOf(claim, owner), { claim, owner, at });
const close = (claim: string, owner: string) => drop(pendingClaims.name, idOf(claim, owner));

type Holding = EventOf<'AccountRenamed' | 'AccountMoved' | 'EmailSet' | 'PhoneSet'>;

const held = ({ data: { id, claims, freed, at } }: Holding) => [
  ...heldBy(claims).map((claim) => close(claim, accountStream(id))),
  ...freed.map((claim) => open(claim, accountStream(id), at)),
];

/** What a crash may have left half done: the sweep looks only here. It only has to be small, not exact. */
export const pendingView = followingProjection<AnyEvent>(
  { name: 'pending-claims', version: 1, collections: [pendingClaims, closedSpaces] },
  events,
  {
    ClaimTaken: ({ data: { owner }, stored }) => open(stored.stream, owner, stored.metadata.at),
    ClaimReleased: ({ data: { owner }, stored }) => close(stored.stream, owner),
    PlaceTaken: ({ data: { owner }, stored }) => open(stored.stream, owner, stored.metadata.at),
    PlaceReleased: ({ data: { owner }, stored }) => close(stored.stream, owner),
    PlacesClosed: ({ stored }) => {
      const spaceId = stored.stream.slice(placesStream('').length);
      return put(closedSpaces.name, spaceId, { spaceId });
    },
    AccountCreated: ({ data: { id, spaceId, claims } }) =>
      [...heldBy(claims), placesStream(spaceId)].map((claim) => close(claim, accountStream(id))),
    AccountRenamed: held,
    AccountMoved: (event) => [...held(event), close(placesStream(event.data.spaceId), accountStream(event.data.id))],
    EmailSet: held,
    PhoneSet: held,
    AccountDeleted: ({ data: { id, freed, at } }) => freed.map((claim) => open(claim, accountStream(id), at)),
  },
);
