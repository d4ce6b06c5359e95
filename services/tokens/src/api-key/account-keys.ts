import { type Command, type Decider, refuse, unreachable } from '@flexistream/kernel';
import { type AccountKeysEvent, accountKeysEvents } from './events.ts';

/** Which keys of an account count, by keyed hash. */
export interface AccountKeys {
  readonly user: string | undefined;
  readonly admin: readonly string[];
  readonly ended: boolean;
}

export type AccountKeysCommand =
  | (Command & { readonly type: 'SetUserKey' | 'AddAdminKey'; readonly data: { readonly key: string } })
  | (Command & { readonly type: 'EndKeys'; readonly data: object });

/** The switch from one user key to the next is one event here: the former stops and the new one works at the same instant. */
export const accountKeysDecider: Decider<AccountKeys, AccountKeysCommand, AccountKeysEvent> = {
  initial: { user: undefined, admin: [], ended: false },
  events: accountKeysEvents,
  evolve: (keys, event) => {
    switch (event.type) {
      case 'UserKeySet':
        return { ...keys, user: event.data.key };
      case 'AdminKeyAdded':
        return { ...keys, admin: [...keys.admin, event.data.key] };
      case 'KeysEnded':
        return { ...keys, ended: true };
      default:
        return keys;
    }
  },
  decide: ({ type, data, now }, keys) => {
    if (keys.ended) return type === 'EndKeys' ? [] : refuse('account_gone');
    switch (type) {
      case 'SetUserKey':
        return keys.user === data.key ? [] : [{ type: 'UserKeySet', data: { key: data.key, at: now } }];
      case 'AddAdminKey':
        return keys.admin.includes(data.key) ? [] : [{ type: 'AdminKeyAdded', data: { key: data.key, at: now } }];
      case 'EndKeys':
        return [{ type: 'KeysEnded', data: { at: now } }];
      default:
        return unreachable(type);
    }
  },
};

export const counts = (keys: AccountKeys, key: string): boolean => !keys.ended && (keys.user === key || keys.admin.includes(key));
