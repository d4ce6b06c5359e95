import type { Algorithm } from '@flexistream/contracts';
import type { AccountEvent, DtmfProtocol, Entries, EventOf } from './events.ts';

/** An open change of e-mail or phone. Moments ISO 8601. */
export type ChangeCode = {
  readonly code: string;
  readonly value: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly ip: string | null;
  readonly userAgent: string | null;
};

/**
 * What clients are shown of an account, in every answer and in the view: all but the realm, which is the space's.
 * No verifier is in it. Moments ISO 8601 in UTC.
 */
export type Profile = {
  readonly id: number;
  readonly spaceId: string;
  readonly username: string;
  readonly domain: string;
  readonly email: string | null;
  readonly activated: boolean;
  readonly ip: string;
  readonly userAgent: string;
  readonly createdAt: string;
  readonly displayName: string | null;
  readonly dtmfProtocol: DtmfProtocol | null;
  readonly updatedAt: string;
  readonly blocked: boolean;
  readonly admin: boolean;
  readonly phone: string | null;
  readonly provisioningToken: string | null;
  readonly provisioningTokenExpireAt: string | null;
  readonly dictionary: Entries;
  readonly algorithms: readonly Algorithm[];
  readonly emailChangeCode: ChangeCode | null;
  readonly phoneChangeCode: ChangeCode | null;
  readonly types: readonly { readonly id: number; readonly key: string }[];
  readonly actions: readonly { readonly id: number; readonly key: string; readonly code: string }[];
};

/** Undefined once its personal part is erased. */
export const newProfile = ({ data }: EventOf<'AccountCreated'>): Profile | undefined => {
  if (data.personal === 'erased') return undefined;
  const { username, email, phone, displayName, dictionary, ip, userAgent } = data.personal;
  return {
    id: data.id,
    spaceId: data.spaceId,
    username,
    domain: data.domain,
    email,
    activated: data.activated,
    ip,
    userAgent,
    createdAt: data.at,
    displayName,
    dtmfProtocol: data.dtmfProtocol,
    updatedAt: data.at,
    blocked: false,
    admin: data.admin,
    phone,
    provisioningToken: null,
    provisioningTokenExpireAt: null,
    dictionary,
    algorithms: [],
    emailChangeCode: null,
    phoneChangeCode: null,
    types: [],
    actions: [],
  };
};

/**
 * What a fact changes of the profile: the one table for the aggregate's state and for the view. `updatedAt` moves with the
 * account's own columns only, not for a password, entry or token (spec accounts.md §2). An erased part changes nothing.
 */
export const profileChange = (event: AccountEvent): Partial<Profile> => {
  const { data } = event;
  if ('personal' in data && data.personal === 'erased') return {};
  switch (event.type) {
    case 'PasswordSet':
      return { algorithms: [event.data.algorithm] };
    case 'AccountRenamed':
      return { ...opened(event.data.personal, 'username'), updatedAt: event.data.at };
    case 'AccountMoved':
      return { spaceId: event.data.spaceId, domain: event.data.domain, updatedAt: event.data.at };
    case 'DetailsChanged':
      return { ...opened(event.data.personal, 'displayName'), dtmfProtocol: event.data.dtmfProtocol, updatedAt: event.data.at };
    case 'EmailSet':
      return { ...opened(event.data.personal, 'email'), updatedAt: event.data.at };
    case 'PhoneSet':
      return { ...opened(event.data.personal, 'phone'), updatedAt: event.data.at };
    case 'DictionaryReplaced':
      return opened(event.data.personal, 'dictionary');
    case 'AdminRightsGranted':
      return { admin: true, updatedAt: event.data.at };
    case 'AdminRightsWithdrawn':
      return { admin: false, updatedAt: event.data.at };
    case 'AccountActivated':
      return { activated: true, updatedAt: event.data.at };
    case 'AccountDeactivated':
      return { activated: false, updatedAt: event.data.at };
    case 'AccountBlocked':
      return { blocked: true, updatedAt: event.data.at };
    case 'AccountUnblocked':
      return { blocked: false, updatedAt: event.data.at };
    case 'ProvisioningTokenIssued':
      return event.data.personal === 'erased'
        ? {}
        : { provisioningToken: event.data.personal.token, provisioningTokenExpireAt: event.data.expireAt };
    default:
      return {};
  }
};

const opened = <P extends object, K extends keyof P>(personal: P | 'erased', name: K): Pick<P, K> | object =>
  personal === 'erased' ? {} : { [name]: personal[name] };
