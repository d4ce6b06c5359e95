import { type Change, type Collection, drop, inlineProjection, patch, put, type Seen } from '@flexistream/read-models';
import { changeOf } from './change.ts';
import { type EventOf, type SpaceEvent, spaceEvents, spaceIdOf } from './events.ts';
import { changeJson, mailServerJson, type SpaceJson, spaceJson } from './json.ts';
import { evolve, mailServerOf, spaceDecider } from './space.ts';

/** The API's own JSON by space id, and up to which revision of the register it is. */
export type SpaceDocument = SpaceJson & { readonly register: number };

export const spaces: Collection = { name: 'spaces', indexes: [] };

const created = (event: EventOf<'SpaceCreated'>): SpaceDocument | undefined => {
  const space = evolve(spaceDecider.initial, event);
  return space.status === 'live' ? { ...spaceJson(space), register: event.data.register ?? -1 } : undefined;
};

const fieldsOf = (event: SpaceEvent): Partial<SpaceDocument> => {
  if (event.type === 'MailServerSet') return { email_server: mailServerJson(mailServerOf(event)) };
  if (event.type === 'MailServerRemoved') return { email_server: null };
  const changed = changeOf(event);
  return {
    ...(changed === undefined ? {} : changeJson(changed, event.data.at)),
    ...(event.data.register === undefined ? {} : { register: event.data.register }),
  };
};

/** The register states the same facts before; the view looks at the spaces' own streams only. */
const inOwnStream =
  <E extends SpaceEvent>(changes: (event: E, id: string) => Change | undefined) =>
  (event: Seen<E>): readonly Change[] => {
    const id = spaceIdOf(event.stored.stream);
    const change = id === undefined ? undefined : changes(event, id);
    return change === undefined ? [] : [change];
  };

const change = inOwnStream<SpaceEvent>((event, id) => patch(spaces.name, id, fieldsOf(event)));

/** What `GET /spaces` shows. It never holds the password of a mail server. */
export const spaceView = inlineProjection<SpaceEvent>({ name: 'space', version: 1, collections: [spaces] }, spaceEvents, {
  SpaceCreated: inOwnStream((event, id) => {
    const document = created(event);
    return document && put(spaces.name, id, document);
  }),
  SpaceRenamed: change,
  SpaceMoved: change,
  SpaceMadeSuper: change,
  SpaceMadeNormal: change,
  AppFeaturesSet: change,
  ProvisioningSet: change,
  TextsSet: change,
  RealmSet: change,
  WebAccessSet: change,
  AccountLimitSet: change,
  ExpirySet: change,
  ExpiryLifted: change,
  SpaceExpired: change,
  MailServerSet: change,
  MailServerRemoved: change,
  SpaceDeleted: inOwnStream((_event, id) => drop(spaces.name, id)),
});
