import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { type PlacesEvent, placesEvents } from './events.ts';
import { Holders } from './holders.ts';

export interface Places {
  /** 0 = none. */
  readonly limit: number;
  /** Nobody is counted while there is no limit. */
  readonly holders: Holders;
  readonly closed: boolean;
}

interface Asked<T extends string, D extends object = object> extends Command {
  readonly type: T;
  readonly data: D;
}

export type PlacesCommand =
  | Asked<'TakePlace', { readonly owner: string }>
  | Asked<'ReleasePlace', { readonly owner: string }>
  /** `present` are the accounts of the space; with `atLeastPresent` a lower limit is refused. */
  | Asked<'SetLimit', { readonly limit: number; readonly present: readonly string[]; readonly atLeastPresent: boolean }>
  | Asked<'ClosePlaces'>;

/** How many owners one event names: an event stays far below what stores take. */
const OWNERS_AN_EVENT = 10_000;

const take = (owner: string, { limit, holders, closed }: Places): Decision<PlacesEvent> => {
  if (closed) return refuse('space_gone');
  if (limit === 0 || holders.has(owner)) return [];
  return holders.size >= limit ? refuse('too_many_accounts') : [{ type: 'PlaceTaken', data: { owner } }];
};

const setLimit = (
  { limit, present, atLeastPresent }: Extract<PlacesCommand, { type: 'SetLimit' }>['data'],
  { limit: former, holders }: Places,
): Decision<PlacesEvent> => {
  const uncounted = limit === 0 ? [] : present.filter((owner) => !holders.has(owner));
  const number = holders.size + uncounted.length;
  if (limit > 0 && atLeastPresent && limit < number) return refuse('below_present', { present: number });
  const counted: PlacesEvent[] = [];
  for (let from = 0; from < uncounted.length; from += OWNERS_AN_EVENT) {
    counted.push({ type: 'PlacesCounted', data: { owners: uncounted.slice(from, from + OWNERS_AN_EVENT) } });
  }
  return limit === former ? counted : [...counted, { type: 'LimitSet', data: { limit } }];
};

/** The limit of a space and who holds its places: the truth that the space's own event follows (design §4). */
export const placesDecider: Decider<Places, PlacesCommand, PlacesEvent> = {
  initial: { limit: 0, holders: new Holders(), closed: false },
  events: placesEvents,
  evolve: (places, event) => {
    switch (event.type) {
      case 'PlacesCounted':
        return { ...places, holders: event.data.owners.reduce((all, owner) => all.with(owner), places.holders) };
      case 'LimitSet':
        return { ...places, limit: event.data.limit, holders: event.data.limit === 0 ? new Holders() : places.holders };
      case 'PlaceTaken':
        return { ...places, holders: places.holders.with(event.data.owner) };
      case 'PlaceReleased':
        return { ...places, holders: places.holders.without(event.data.owner) };
      case 'PlacesClosed':
        return { ...places, closed: true };
      default:
        return places;
    }
  },
  decide: (command, places): Decision<PlacesEvent> => {
    switch (command.type) {
      case 'TakePlace':
        return take(command.data.owner, places);
      case 'ReleasePlace':
        return places.holders.has(command.data.owner) ? [{ type: 'PlaceReleased', data: { owner: command.data.owner } }] : [];
      case 'SetLimit':
        return setLimit(command.data, places);
      case 'ClosePlaces':
        return places.closed ? [] : [{ type: 'PlacesClosed', data: {} }];
      default:
        return unreachable(command);
    }
  },
};

/** Full ⇔ there is a limit and as many accounts (spec spaces.md §5.3). */
export const isFull = ({ limit, holders }: Places): boolean => limit > 0 && holders.size >= limit;
