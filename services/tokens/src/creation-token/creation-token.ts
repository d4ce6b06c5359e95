import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { type CreationTokenEvent, creationTokenEvents } from './events.ts';

export type CreationToken =
  | { readonly status: 'absent' | 'lapsed' }
  | { readonly status: 'free'; readonly at: string }
  | { readonly status: 'reserved' | 'used'; readonly at: string; readonly accountId: number };

type ForAccount = { readonly accountId: number };
/** 0 = for ever. */
type Lifetime = { readonly lifetimeMinutes: number };

export type CreationTokenCommand =
  | (Command & { readonly type: 'MakeCreationToken'; readonly data: { readonly ip: string; readonly userAgent: string | null } })
  | (Command & { readonly type: 'ReserveCreationToken'; readonly data: ForAccount & Lifetime })
  | (Command & { readonly type: 'ReleaseCreationToken'; readonly data: ForAccount })
  | (Command & { readonly type: 'MarkCreationTokenUsed'; readonly data: ForAccount })
  | (Command & { readonly type: 'LapseCreationToken'; readonly data: Lifetime });

/** One token makes one account: reserved for an id that is not an account yet, then used, or free again. */
export const creationTokenDecider: Decider<CreationToken, CreationTokenCommand, CreationTokenEvent> = {
  initial: { status: 'absent' },
  events: creationTokenEvents,
  evolve: (token, event) => {
    if (event.type === 'CreationTokenMade') return { status: 'free', at: event.data.at };
    if (!('at' in token)) return token;
    switch (event.type) {
      case 'CreationTokenReserved':
        return { status: 'reserved', at: token.at, accountId: event.data.accountId };
      case 'CreationTokenReleased':
        return { status: 'free', at: token.at };
      case 'CreationTokenUsed':
        return { status: 'used', at: token.at, accountId: event.data.accountId };
      case 'CreationTokenLapsed':
        return { status: 'lapsed' };
      default:
        return token;
    }
  },
  decide: (command, token) => {
    switch (command.type) {
      case 'MakeCreationToken':
        return make(command, token);
      case 'ReserveCreationToken':
        return reserve(command, token);
      case 'ReleaseCreationToken':
        return release(command, token);
      case 'MarkCreationTokenUsed':
        return markUsed(command, token);
      case 'LapseCreationToken':
        return lapse(command, token);
      default:
        return unreachable(command);
    }
  },
};

type Asked<T extends CreationTokenCommand['type']> = Extract<CreationTokenCommand, { type: T }>;
type Decided = Decision<CreationTokenEvent>;

const make = ({ data, now }: Asked<'MakeCreationToken'>, token: CreationToken): Decided =>
  token.status === 'absent' ? [{ type: 'CreationTokenMade', data: { origin: 'admin', at: now, personal: data } }] : refuse('token_exists');

const reserve = ({ data: { accountId, lifetimeMinutes }, now }: Asked<'ReserveCreationToken'>, token: CreationToken): Decided => {
  switch (token.status) {
    case 'free':
      if (isExpired(token.at, now, lifetimeMinutes)) return refuse('token_expired');
      return [{ type: 'CreationTokenReserved', data: { accountId, at: now } }];
    case 'reserved':
    case 'used':
      return token.accountId === accountId ? [] : refuse('token_taken');
    default:
      return refuse('token_unknown');
  }
};

const release = ({ data, now }: Asked<'ReleaseCreationToken'>, token: CreationToken): Decided =>
  token.status === 'reserved' && token.accountId === data.accountId
    ? [{ type: 'CreationTokenReleased', data: { accountId: token.accountId, at: now } }]
    : [];

/** That an account was made with it is a fact of accounts. A free token may have been so when this log is older than theirs (a backup). */
const markUsed = ({ data: { accountId }, now }: Asked<'MarkCreationTokenUsed'>, token: CreationToken): Decided =>
  token.status === 'free' || (token.status === 'reserved' && token.accountId === accountId)
    ? [{ type: 'CreationTokenUsed', data: { accountId, at: now } }]
    : [];

const lapse = ({ data: { lifetimeMinutes }, now }: Asked<'LapseCreationToken'>, token: CreationToken): Decided =>
  token.status === 'free' && isOver(token.at, now, lifetimeMinutes) ? [{ type: 'CreationTokenLapsed', data: { at: now } }] : [];

const DAY_MINUTES = 24 * 60;

/** Strictly older than the lifetime (spec tokens.md §2). The lifetime is the setting's at each use: nothing is stored. */
export const isExpired = (madeAt: string, now: string, lifetimeMinutes: number): boolean =>
  lifetimeMinutes > 0 && Date.parse(madeAt) < Date.parse(now) - lifetimeMinutes * 60_000;

/** Expired a day ago (design §8). */
export const isOver = (madeAt: string, now: string, lifetimeMinutes: number): boolean =>
  lifetimeMinutes > 0 && isExpired(madeAt, now, lifetimeMinutes + DAY_MINUTES);
