import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { type ApiKeyEvent, apiKeyEvents } from './events.ts';

type Made = Extract<ApiKeyEvent, { type: 'ApiKeyMade' }>['data'];

/** What a key is made for; `address` null = good from any. */
export type Purpose = Pick<Made, 'accountId' | 'kind' | 'expiresAfterMinutes' | 'credentialVersion'> & { readonly address: string | null };

export type ApiKey =
  | { readonly status: 'absent' }
  | ({ readonly status: 'made'; readonly at: string } & Purpose)
  /** The address that it was bound to is erased: it is good from none. */
  | { readonly status: 'erased' };

export type ApiKeyCommand =
  | (Command & { readonly type: 'MakeApiKey'; readonly data: Purpose })
  | (Command & { readonly type: 'MoveApiKey'; readonly data: { readonly credentialVersion: number } });

/** One key. A text is made once: whoever meets one that stands already must not take it over. */
export const apiKeyDecider: Decider<ApiKey, ApiKeyCommand, ApiKeyEvent> = {
  initial: { status: 'absent' },
  events: apiKeyEvents,
  evolve: (key, event) => {
    switch (event.type) {
      case 'ApiKeyMade': {
        const { personal, ...data } = event.data;
        return personal === 'erased' ? { status: 'erased' } : { status: 'made', ...data, address: personal.address };
      }
      case 'ApiKeyMoved':
        return key.status === 'made' ? { ...key, credentialVersion: event.data.credentialVersion } : key;
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
      default:
        return unreachable(command);
    }
  },
};

const make = ({ data: { address, ...data }, now }: Extract<ApiKeyCommand, { type: 'MakeApiKey' }>, key: ApiKey): Decision<ApiKeyEvent> =>
  key.status === 'absent' ? [{ type: 'ApiKeyMade', data: { ...data, at: now, personal: { address } } }] : refuse('key_exists');

/** The version of credentials only grows: what comes late changes nothing. Admin keys have none. */
const move = ({ data, now }: Extract<ApiKeyCommand, { type: 'MoveApiKey' }>, key: ApiKey): Decision<ApiKeyEvent> =>
  key.status === 'made' && key.credentialVersion !== null && key.credentialVersion < data.credentialVersion
    ? [{ type: 'ApiKeyMoved', data: { credentialVersion: data.credentialVersion, at: now } }]
    : [];
