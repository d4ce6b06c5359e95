import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { type CreationTokenEvent, creationTokenEvents } from './events.ts';

export type CreationToken =
  | { readonly status: 'absent' }
  | { readonly status: 'free'; readonly at: string }
  | { readonly status: 'reserved' | 'used'; readonly at: string; readonly accountId: number };

type ForAccount = { readonly accountId: number };

export type CreationTokenCommand =
  | (Command & { readonly type: 'MakeCreationToken'; readonly data: { readonly ip: string; readonly userAgent: string | null } })
  /** `lifetimeMinutes`: 0 = for ever. */
  | (Command & { readonly type: 'ReserveCreationToken'; readonly data: ForAccount & { readonly lifetimeMinutes: number } })
  | (Command & { readonly type: 'ReleaseCreationToken' | 'MarkCreationTokenUsed'; readonly data: ForAccount });

/** Expired: strictly older than the lifetime (spec tokens.md §2). */
export const isExpired = (madeAt: string, now: string, lifetimeMinutes: number): boolean =>
  lifetimeMinutes > 0 && Date.parse(madeAt) < Date.parse(now) - lifetimeMinutes * 60_000;

type Reserve = Extract<CreationTokenCommand, { type: 'ReserveCreationToken' }>;

const reserve = ({ data, now }: Reserve, token: CreationToken): Decision<CreationTokenEvent> => {
  if (token.status === 'absent') return refuse('token_unknown');
  if (token.status === 'reserved' && token.accountId === data.accountId) return [];
  if (token.status !== 'free') return refuse('token_taken');
  if (isExpired(token.at, now, data.lifetimeMinutes)) return refuse('token_expired');
  return [{ type: 'CreationTokenReserved', data: { accountId: data.accountId, at: now } }];
};

/** One token makes one account: reserved for an id that is not an account yet, then used, or free again. */
export const creationTokenDecider: Decider<CreationToken, CreationTokenCommand, CreationTokenEvent> = {
  initial: { status: 'absent' },
  events: creationTokenEvents,
  evolve: (token, event) => {
    if (event.type === 'CreationTokenMade') return { status: 'free', at: event.data.at };
    if (token.status === 'absent') return token;
    switch (event.type) {
      case 'CreationTokenReserved':
        return { status: 'reserved', at: token.at, accountId: event.data.accountId };
      case 'CreationTokenReleased':
        return { status: 'free', at: token.at };
      case 'CreationTokenUsed':
        return { status: 'used', at: token.at, accountId: event.data.accountId };
      default:
        return token;
    }
  },
  decide: (command, token) => {
    switch (command.type) {
      case 'MakeCreationToken':
        return token.status === 'absent'
          ? [{ type: 'CreationTokenMade', data: { origin: 'admin', at: command.now, personal: command.data } }]
          : refuse('token_taken');
      case 'ReserveCreationToken':
        return reserve(command, token);
      case 'ReleaseCreationToken':
        return token.status === 'reserved' && token.accountId === command.data.accountId
          ? [{ type: 'CreationTokenReleased', data: { accountId: token.accountId, at: command.now } }]
          : [];
      case 'MarkCreationTokenUsed':
        return token.status === 'reserved' && token.accountId === command.data.accountId
          ? [{ type: 'CreationTokenUsed', data: { accountId: token.accountId, at: command.now } }]
          : [];
      default:
        return unreachable(command);
    }
  },
};
