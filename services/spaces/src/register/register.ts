import { type Command, type Decider, type Decision, refuse, unreachable } from '@flexistream/kernel';
import { factsBetween } from '../space/change.ts';
import { evolve as evolveSpace, type LiveSpace, type Space, spaceDecider } from '../space/space.ts';
import { openSettings, type SpaceSettings, sealedSettings } from '../space/space-settings.ts';
import { type RegisterEvent, registerEvents } from './events.ts';
import { isLastSuper, liveSpace, type Register, takenIn, type UniqueField } from './unique.ts';

interface Asked<T extends string, D extends object> extends Command {
  readonly type: T;
  readonly data: D;
}

type CreateSpace = Asked<'CreateSpace', { readonly id: string; readonly domain: string; readonly settings: SpaceSettings }>;
/** `limitBefore`: accounts was asked for the new limit while this one held. */
type UpdateSpace = Asked<'UpdateSpace', { readonly id: string; readonly settings: SpaceSettings; readonly limitBefore: number }>;

export type RegisterCommand =
  | CreateSpace
  | UpdateSpace
  | Asked<'DeleteSpace', { readonly id: string }>
  | Asked<'NoteExpiry', { readonly id: string }>
  | Asked<'NoteErasure', { readonly id: string }>;

/** Details of the refusal `space_refused`: everything that is wrong at once. */
export interface Objections {
  /** Fields whose value another space has. */
  readonly taken: readonly UniqueField[];
  /** It would end the last super space. */
  readonly lastSuper: boolean;
}
export type RegisterRefusal = 'space_unknown' | 'space_refused' | 'limit_moved' | 'last_super_space';

const refuseWith = (objections: Objections) => refuse<RegisterRefusal>('space_refused', { ...objections });

const create = ({ data: { id, domain, settings }, now }: CreateSpace, register: Register): Decision<RegisterEvent> => {
  if (register.spaces.has(id)) return []; // the same command again
  const taken = takenIn(register, id, { name: settings.name, domain, host: settings.host });
  if (taken.length > 0) return refuseWith({ taken, lastSuper: false });
  const data = { ...openSettings.parse(settings), personal: sealedSettings.parse(settings) };
  return [{ type: 'SpaceCreated', data: { space: id, at: now, number: register.newest + 1, domain, ...data } }];
};

const update = ({ data: { id, settings, limitBefore }, now }: UpdateSpace, register: Register): Decision<RegisterEvent> => {
  const space = liveSpace(register, id);
  if (space === undefined) return refuse<RegisterRefusal>('space_unknown');
  const taken = takenIn(register, id, { name: settings.name, host: settings.host });
  const lastSuper = !settings.super && isLastSuper(register, id);
  if (taken.length > 0 || lastSuper) return refuseWith({ taken, lastSuper });
  if (space.settings.max_accounts !== limitBefore && space.settings.max_accounts !== settings.max_accounts) {
    return refuse<RegisterRefusal>('limit_moved');
  }
  return factsBetween(space.settings, settings, { space: id, at: now });
};

const remove = (id: string, now: string, register: Register): Decision<RegisterEvent> => {
  const space = liveSpace(register, id);
  if (space === undefined) return refuse<RegisterRefusal>('space_unknown');
  if (isLastSuper(register, id)) return refuse<RegisterRefusal>('last_super_space');
  const { host, name } = space.settings;
  return [{ type: 'SpaceDeleted', data: { space: id, at: now, domain: space.domain, host, name } }];
};

/** The moment that has passed and was not noted yet. */
export const unnotedExpiry = ({ settings: { expire_at }, expired }: LiveSpace, now: string): string | undefined =>
  expire_at !== null && expire_at <= now && expire_at !== expired ? expire_at : undefined;

const noteExpiry = (id: string, now: string, register: Register): Decision<RegisterEvent> => {
  const space = liveSpace(register, id);
  const moment = space && unnotedExpiry(space, now);
  return moment === undefined ? [] : [{ type: 'SpaceExpired', data: { space: id, at: now, expire_at: moment } }];
};

const noteErasure = (id: string, now: string, register: Register): Decision<RegisterEvent> =>
  register.spaces.get(id)?.status === 'deleted' ? [{ type: 'SpaceErased', data: { space: id, at: now } }] : [];

/** Takes an event into a table of spaces, in place. */
export const enter = (spaces: Map<string, Space>, event: RegisterEvent): void => {
  const { space: id } = event.data;
  if (event.type === 'SpaceErased') {
    spaces.delete(id);
    return;
  }
  const space = evolveSpace(spaces.get(id) ?? spaceDecider.initial, event);
  if (space.status !== 'absent') spaces.set(id, space);
};

export const newestAfter = (newest: number, event: RegisterEvent): number =>
  event.type === 'SpaceCreated' ? Math.max(newest, event.data.number) : newest;

/** Decides on all spaces: their names, domains, hosts, and that one of them is super (design §4). */
export const registerDecider: Decider<Register, RegisterCommand, RegisterEvent> = {
  initial: { spaces: new Map(), newest: 0 },
  events: registerEvents,
  evolve: (register, event) => {
    const spaces = new Map(register.spaces);
    enter(spaces, event);
    return { spaces, newest: newestAfter(register.newest, event) };
  },
  decide: (command, register): Decision<RegisterEvent> => {
    switch (command.type) {
      case 'CreateSpace':
        return create(command, register);
      case 'UpdateSpace':
        return update(command, register);
      case 'DeleteSpace':
        return remove(command.data.id, command.now, register);
      case 'NoteExpiry':
        return noteExpiry(command.data.id, command.now, register);
      case 'NoteErasure':
        return noteErasure(command.data.id, command.now, register);
      default:
        return unreachable(command);
    }
  },
};
