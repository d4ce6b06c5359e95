import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { type ApiKeyEvent, apiKeyEvents } from './events.ts';

export type ApiKey =
  | { readonly status: 'absent' }
  | {
      readonly status: 'made' | 'revoked';
      readonly accountId: number;
      readonly kind: 'user' | 'admin';
      readonly address: string | null;
      readonly expiresAfterMinutes: number | null;
      readonly credentialVersion: number | null;
      readonly at: string;
    };

type Made = Extract<ApiKeyEvent, { type: 'ApiKeyMade' }>['data'];

export type ApiKeyCommand =
  | (Command & { readonly type: 'MakeApiKey'; readonly data: Omit<Made, 'at' | 'personal'> & { readonly address: string | null } })
  | (Command & { readonly type: 'MoveApiKey'; readonly data: { readonly credentialVersion: number } })
  | (Command & { readonly type: 'RevokeApiKey'; readonly data: object });

const make = ({ data: { address, ...data }, now }: Extract<ApiKeyCommand, { type: 'MakeApiKey' }>, key: ApiKey): Decision<ApiKeyEvent> =>
  key.status === 'absent' ? [{ type: 'ApiKeyMade', data: { ...data, at: now, personal: { address } } }] : refuse('key_exists');

const move = ({ data, now }: Extract<ApiKeyCommand, { type: 'MoveApiKey' }>, key: ApiKey): Decision<ApiKeyEvent> => {
  if (key.status !== 'made' || key.kind !== 'user' || key.credentialVersion === data.credentialVersion) return [];
  return [{ type: 'ApiKeyMoved', data: { credentialVersion: data.credentialVersion, at: now } }];
};

/** One key: what it was made for, and whether it was taken back. Asking twice is not an error. */
export const apiKeyDecider: Decider<ApiKey, ApiKeyCommand, ApiKeyEvent> = {
  initial: { status: 'absent' },
  events: apiKeyEvents,
  evolve: (key, event) => {
    switch (event.type) {
      case 'ApiKeyMade': {
        const { personal, ...data } = event.data;
        // An erased address fits nobody: the account is gone, and its keys with it.
        return { status: 'made', ...data, address: personal === 'erased' ? '' : personal.address };
      }
      case 'ApiKeyMoved':
        return key.status === 'made' ? { ...key, credentialVersion: event.data.credentialVersion } : key;
      case 'ApiKeyRevoked':
        return key.status === 'made' ? { ...key, status: 'revoked' } : key;
      default:
        return key;
    }
  },
  decide: (command, key) => {
    switch (command.type) {
      case 'MakeApiKey':
        return make(command, key);
      case 'MoveApiKey':
        return move(command, key);
      case 'RevokeApiKey':
        return key.status === 'made' ? [{ type: 'ApiKeyRevoked', data: { accountId: key.accountId, at: command.now } }] : [];
      default:
        return unreachable(command);
    }
  },
};
