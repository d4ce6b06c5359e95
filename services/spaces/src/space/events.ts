import { event, eventCatalogue, type FactOf, sealed } from '@flexistream/kernel';
import { z } from 'zod';
import {
  appFeatures,
  openSettings,
  provisioningEntries,
  provisioningSwitches,
  sealedSettings,
  texts,
  webAccess,
} from './space-settings.ts';

/** ISO 8601, UTC, milliseconds. */
const moment = z.string();

const about = {
  /** The id of the space. */
  space: z.string(),
  at: moment,
  /** Only in the space's own stream: the revision in the register that this fact was taken over from. */
  register: z.number().int().optional(),
};

/**
 * What happens to a space by way of the register: stated there first, then word for word in the space's own stream, where
 * everybody looks (design §4). Who did it stands in the metadata.
 */
const registered = {
  SpaceCreated: event(
    1,
    z.object({
      ...about,
      /** Counts the spaces in their order of creation. */
      number: z.number().int(),
      domain: z.string(),
      ...openSettings.shape,
      personal: sealed(sealedSettings),
    }),
  ),
  SpaceRenamed: event(1, z.object({ ...about, name: z.string(), former: z.string() })),
  SpaceMoved: event(1, z.object({ ...about, host: z.string(), former: z.string() })),
  SpaceMadeSuper: event(1, z.object({ ...about })),
  SpaceMadeNormal: event(1, z.object({ ...about })),
  AppFeaturesSet: event(1, z.object({ ...about, changed: appFeatures.partial() })),
  ProvisioningSet: event(
    1,
    z.object({ ...about, changed: provisioningSwitches.partial(), personal: sealed(provisioningEntries.partial()) }),
  ),
  TextsSet: event(1, z.object({ ...about, personal: sealed(texts.partial()) })),
  RealmSet: event(1, z.object({ ...about, account_realm: z.string().nullable() })),
  WebAccessSet: event(1, z.object({ ...about, changed: webAccess.partial() })),
  AccountLimitSet: event(1, z.object({ ...about, max_accounts: z.number().int() })),
  ExpirySet: event(1, z.object({ ...about, expire_at: moment })),
  ExpiryLifted: event(1, z.object({ ...about })),
  /** The moment has passed; once for each moment that was set. */
  SpaceExpired: event(1, z.object({ ...about, expire_at: moment })),
  SpaceDeleted: event(1, z.object({ ...about, domain: z.string(), host: z.string(), name: z.string() })),
};

/** How the space's mails are sent. All of it is sealed: it ends with the space. */
export const mailServerSettings = z.object({
  host: z.string(),
  port: z.number().int(),
  username: z.string().nullable(),
  password: z.string().nullable(),
  from_address: z.string().nullable(),
  from_name: z.string().nullable(),
  signature: z.string().nullable(),
});
export type MailServerSettings = Readonly<z.infer<typeof mailServerSettings>>;

/** Stated in the space's own stream only: they concern no other space. */
const ownAffairs = {
  /** `since` = when the space got a mail server; `id` stays while it is replaced. */
  MailServerSet: event(
    1,
    z.object({ space: z.string(), at: moment, id: z.number().int(), since: moment, personal: sealed(mailServerSettings) }),
  ),
  MailServerRemoved: event(1, z.object({ space: z.string(), at: moment })),
};

export const registeredEvents = eventCatalogue(registered);
export type RegisteredEvent = FactOf<typeof registered>;

export const spaceEvents = eventCatalogue({ ...registered, ...ownAffairs });
export type SpaceEvent = FactOf<typeof spaceEvents.types>;
export type EventOf<T extends SpaceEvent['type']> = Extract<SpaceEvent, { type: T }>;

const STREAM = 'space-';
export const spaceStream = (id: string): string => `${STREAM}${id}`;
/** The id in the name of a space's own stream; undefined for other streams. */
export const spaceIdOf = (stream: string): string | undefined => (stream.startsWith(STREAM) ? stream.slice(STREAM.length) : undefined);
