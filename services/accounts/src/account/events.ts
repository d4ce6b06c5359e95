import { algorithms, verifier } from '@flexistream/contracts';
import { claimAbandoned, event, eventCatalogue, type FactOf, sealed } from '@flexistream/kernel';
import { z } from 'zod';

/** Of every fact: whose, in which space, when (ISO 8601, UTC, milliseconds). Who did it stands in the metadata. */
const base = { id: z.number().int(), spaceId: z.string(), at: z.string() };

/** Where a request came from; null where none caused it. */
const requester = { ip: z.string().nullable(), userAgent: z.string().nullable() };
const asked = sealed(z.object(requester));

/** Pairs, not an object: keys are anybody's, `__proto__` and `$set` too, and the order is kept. */
const entries = z.array(z.tuple([z.string(), z.string()]));

/** The names of the claims that an account holds (keyed hashes, nothing personal). */
const claims = z.object({ name: z.string(), email: z.string().nullable(), phone: z.string().nullable() });
/** Claims from now on, and those that the fact gives up. */
const holding = { claims, freed: z.array(z.string()) };

export const dtmfProtocols = ['sipinfo', 'rfc2833', 'sipmessage'] as const;
const dtmfProtocol = z.enum(dtmfProtocols).nullable();

/** The facts of one account (spec accounts.md §16). All that is personal or secret is in the one sealed part of an event. */
export const accountEvents = eventCatalogue({
  AccountCreated: event(
    1,
    z.object({
      ...base,
      domain: z.string(),
      origin: z.enum(['token', 'admin', 'command', 'import', 'web']),
      admin: z.boolean(),
      activated: z.boolean(),
      dtmfProtocol,
      /** The id of the creation token that this account redeems. */
      creationToken: z.string().optional(),
      claims,
      personal: sealed(
        z.object({
          username: z.string(),
          displayName: z.string().nullable(),
          email: z.string().nullable(),
          phone: z.string().nullable(),
          dictionary: entries,
          ip: z.string(),
          userAgent: z.string(),
        }),
      ),
    }),
  ),
  CreationTokenRedeemed: event(1, z.object({ ...base, creationToken: z.string(), personal: asked })),
  PasswordSet: event(
    1,
    z.object({
      ...base,
      algorithm: z.enum(algorithms),
      cause: z.enum(['creation', 'change', 'admin', 'reset', 'provisioning']),
      personal: sealed(z.object({ verifier, ...requester })),
    }),
  ),
  AccountRenamed: event(1, z.object({ ...base, ...holding, personal: sealed(z.object({ username: z.string(), ...requester })) })),
  /** `spaceId` is the new space. */
  AccountMoved: event(1, z.object({ ...base, domain: z.string(), fromSpaceId: z.string(), ...holding, personal: asked })),
  DetailsChanged: event(
    1,
    z.object({ ...base, dtmfProtocol, personal: sealed(z.object({ displayName: z.string().nullable(), ...requester })) }),
  ),
  EmailSet: event(1, z.object({ ...base, ...holding, personal: sealed(z.object({ email: z.string().nullable(), ...requester })) })),
  PhoneSet: event(1, z.object({ ...base, ...holding, personal: sealed(z.object({ phone: z.string().nullable(), ...requester })) })),
  DictionaryReplaced: event(1, z.object({ ...base, personal: sealed(z.object({ dictionary: entries, ...requester })) })),
  AdminRightsGranted: event(1, z.object({ ...base, personal: asked })),
  AdminRightsWithdrawn: event(1, z.object({ ...base, personal: asked })),
  AccountActivated: event(
    1,
    z.object({ ...base, cause: z.enum(['admin', 'email code', 'phone code', 'provisioning', 'password']), personal: asked }),
  ),
  AccountDeactivated: event(1, z.object({ ...base, personal: asked })),
  AccountBlocked: event(1, z.object({ ...base, cause: z.enum(['admin', 'too many codes']), personal: asked })),
  AccountUnblocked: event(1, z.object({ ...base, personal: asked })),
  /** Replaces the former one. */
  ProvisioningTokenIssued: event(
    1,
    z.object({
      ...base,
      cause: z.enum(['creation', 'user', 'admin', 'mail', 'recovery']),
      /** The keyed hash of the token, by which it is found. */
      hash: z.string(),
      /** ISO 8601; null = never. */
      expireAt: z.string().nullable(),
      personal: sealed(z.object({ token: z.string(), ...requester })),
    }),
  ),
  /** Nothing personal: it outlives the key of the account. */
  AccountDeleted: event(
    1,
    z.object({
      ...base,
      cause: z.enum(['self', 'admin', 'clean-up', 'space deleted']),
      /** The stream of the tombstone that the name gets; null = none. */
      tombstone: z.string().nullable(),
      freed: z.array(z.string()),
    }),
  ),
  ClaimAbandoned: claimAbandoned,
});

export type AccountEvent = FactOf<typeof accountEvents.types>;
export type EventOf<T extends AccountEvent['type']> = Extract<AccountEvent, { type: T }>;

export type AccountClaims = z.infer<typeof claims>;
export type Entries = z.infer<typeof entries>;
export type DtmfProtocol = (typeof dtmfProtocols)[number];
export interface Requester {
  readonly ip: string | null;
  readonly userAgent: string | null;
}

const STREAM = 'account-';
export const accountStream = (id: number): string => `${STREAM}${id}`;
/** The account's id of its stream's name. */
export const accountIdOf = (stream: string): number => Number(stream.slice(STREAM.length));
