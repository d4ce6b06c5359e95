import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { changeOf } from './change.ts';
import { type EventOf, type MailServerSettings, type SpaceEvent, spaceEvents } from './events.ts';
import type { SpaceSettings } from './space-settings.ts';

/** Moments ISO 8601 in UTC. */
export interface MailServer {
  readonly id: number;
  readonly settings: MailServerSettings;
  readonly createdAt: string;
  readonly updatedAt: string;
}

export interface LiveSpace {
  readonly status: 'live';
  readonly id: string;
  readonly number: number;
  readonly domain: string;
  readonly settings: SpaceSettings;
  /** Known in the space's own stream, not in the register. */
  readonly mailServer: MailServer | null;
  readonly createdAt: string;
  /** When a setting last changed; the mail server is none. */
  readonly updatedAt: string;
  /** The last moment of expiry that was noted as passed. */
  readonly expired: string | null;
}

export type Space = { readonly status: 'absent' } | LiveSpace | { readonly status: 'deleted'; readonly id: string };

interface Asked<T extends string, D extends object> extends Command {
  readonly type: T;
  readonly data: D;
}

/** A password that is absent stays as it is while host and user name do; null is none (spec spaces.md §8). */
export type WantedMailServer = Omit<MailServerSettings, 'password'> & { readonly password?: string | null };

/** `id` is for a server where there was none. */
type SetMailServer = Asked<'SetMailServer', { readonly id: number; readonly server: WantedMailServer }>;
export type MailServerCommand = SetMailServer | Asked<'RemoveMailServer', object>;
export type MailServerRefusal = 'space_unknown' | 'mail_server_unknown';

const noTexts = {
  copyright_text: null,
  intro_registration_text: null,
  newsletter_registration_address: null,
  account_proxy_registrar_address: null,
  custom_provisioning_entries: null,
};

const create = ({ data }: EventOf<'SpaceCreated'>): LiveSpace => {
  const { space: id, at, number, domain, register: _, personal, ...settings } = data;
  return {
    status: 'live',
    id,
    number,
    domain,
    settings: { ...settings, ...(personal === 'erased' ? noTexts : personal) },
    mailServer: null,
    createdAt: at,
    updatedAt: at,
    expired: null,
  };
};

/** Null once its sealed part is erased. */
export const mailServerOf = ({ data: { id, since, at, personal } }: EventOf<'MailServerSet'>): MailServer | null =>
  personal === 'erased' ? null : { id, settings: personal, createdAt: since, updatedAt: at };

export const evolve = (space: Space, event: SpaceEvent): Space => {
  if (event.type === 'SpaceCreated') return create(event);
  if (space.status !== 'live') return space;
  switch (event.type) {
    case 'MailServerSet':
      return { ...space, mailServer: mailServerOf(event) };
    case 'MailServerRemoved':
      return { ...space, mailServer: null };
    case 'SpaceExpired':
      return { ...space, expired: event.data.expire_at };
    case 'SpaceDeleted':
      return { status: 'deleted', id: space.id };
    default: {
      const changed = changeOf(event);
      return changed === undefined ? space : { ...space, settings: { ...space.settings, ...changed }, updatedAt: event.data.at };
    }
  }
};

const keptPassword = (wanted: WantedMailServer, present: MailServerSettings | undefined): string | null =>
  present !== undefined && present.host === wanted.host && present.username === wanted.username ? present.password : null;

const sameServer = (one: MailServerSettings, other: MailServerSettings): boolean =>
  (Object.keys(other) as (keyof MailServerSettings)[]).every((name) => one[name] === other[name]);

const setMailServer = ({ data: { id, server: wanted }, now }: SetMailServer, space: LiveSpace): Decision<SpaceEvent> => {
  const present = space.mailServer;
  const password = wanted.password === undefined ? keptPassword(wanted, present?.settings) : wanted.password;
  const personal = { ...wanted, password };
  if (present !== null && sameServer(personal, present.settings)) return [];
  const data = { space: space.id, at: now, id: present?.id ?? id, since: present?.createdAt ?? now, personal };
  return [{ type: 'MailServerSet', data }];
};

const removeMailServer = (now: string, space: LiveSpace): Decision<SpaceEvent> =>
  space.mailServer === null
    ? refuse<MailServerRefusal>('mail_server_unknown')
    : [{ type: 'MailServerRemoved', data: { space: space.id, at: now } }];

/** What a space decides by itself; all else is decided in the register, which knows the other spaces. */
export const spaceDecider: Decider<Space, MailServerCommand, SpaceEvent> = {
  initial: { status: 'absent' },
  events: spaceEvents,
  evolve,
  decide: (command, space): Decision<SpaceEvent> => {
    if (space.status !== 'live') return refuse<MailServerRefusal>('space_unknown');
    switch (command.type) {
      case 'SetMailServer':
        return setMailServer(command, space);
      case 'RemoveMailServer':
        return removeMailServer(command.now, space);
      default:
        return unreachable(command);
    }
  },
};
