import { type Command, type Decider, refuse, unreachable } from '@flexistream/kernel';
import { type AdminKeysEvent, adminKeysEvents } from './events.ts';

export interface AdminKeys {
  readonly keys: readonly string[];
  readonly closed: boolean;
}

type OfAccount = { readonly accountId: number };

export type AdminKeysCommand =
  | (Command & { readonly type: 'AddAdminKey'; readonly data: OfAccount & { readonly key: string } })
  | (Command & { readonly type: 'CloseAdminKeys'; readonly data: OfAccount });

/** The admin keys of one account; only those count. */
export const adminKeysDecider: Decider<AdminKeys, AdminKeysCommand, AdminKeysEvent> = {
  initial: { keys: [], closed: false },
  events: adminKeysEvents,
  evolve: (adminKeys, event) => {
    switch (event.type) {
      case 'AdminKeyAdded':
        return { ...adminKeys, keys: [...adminKeys.keys, event.data.key] };
      case 'AdminKeyEnded':
        return { ...adminKeys, keys: adminKeys.keys.filter((key) => key !== event.data.key) };
      case 'AdminKeysClosed':
        return { ...adminKeys, closed: true };
      default:
        return adminKeys;
    }
  },
  decide: ({ type, data, now: at }, { keys, closed }) => {
    const { accountId } = data;
    switch (type) {
      case 'AddAdminKey':
        if (closed) return refuse('account_gone');
        return keys.includes(data.key) ? [] : [{ type: 'AdminKeyAdded', data: { accountId, key: data.key, at } }];
      case 'CloseAdminKeys':
        if (closed) return [];
        return [
          ...keys.map((key) => ({ type: 'AdminKeyEnded', data: { accountId, key, at } }) as const),
          { type: 'AdminKeysClosed', data: { accountId, at } },
        ];
      default:
        return unreachable(type);
    }
  },
};
