import { type Command, type Decider, refuse, unreachable } from '@flexistream/kernel';
import { type UserKeyEvent, userKeyEvents } from './events.ts';

export type UserKey = { readonly status: 'none' | 'ended' } | { readonly status: 'set'; readonly key: string };

type OfAccount = { readonly accountId: number };

export type UserKeyCommand =
  | (Command & { readonly type: 'SetUserKey'; readonly data: OfAccount & { readonly key: string } })
  | (Command & { readonly type: 'EndUserKey'; readonly data: OfAccount });

/**
 * The user key of one account. This alone tells which key counts: the switch from one to the next is one event, so the former stops
 * and the new one works at the same instant, and a crash is before it or after it.
 */
export const userKeyDecider: Decider<UserKey, UserKeyCommand, UserKeyEvent> = {
  initial: { status: 'none' },
  events: userKeyEvents,
  evolve: (userKey, event) => {
    switch (event.type) {
      case 'UserKeySet':
        return { status: 'set', key: event.data.key };
      case 'UserKeyEnded':
        return { status: 'ended' };
      default:
        return userKey;
    }
  },
  decide: ({ type, data, now }, userKey) => {
    const former = userKey.status === 'set' ? userKey.key : null;
    const { accountId } = data;
    switch (type) {
      case 'SetUserKey':
        if (userKey.status === 'ended') return refuse('account_gone');
        return former === data.key ? [] : [{ type: 'UserKeySet', data: { accountId, key: data.key, former, at: now } }];
      case 'EndUserKey':
        return userKey.status === 'ended' ? [] : [{ type: 'UserKeyEnded', data: { accountId, former, at: now } }];
      default:
        return unreachable(type);
    }
  },
};
