import { z } from 'zod';
import { accountIdentity, keyIdentity, spaceIdentity } from './identities.ts';
import type { ServiceName } from './routes.ts';

export interface InternalCall<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  readonly service: ServiceName;
  readonly input: I;
  readonly output: O;
  /** Safe to repeat on another instance without a command id. */
  readonly reads: boolean;
}

const call = <const S extends ServiceName, I extends z.ZodType, O extends z.ZodType>(
  service: S,
  reads: boolean,
  input: I,
  output: O,
): InternalCall<I, O> & { readonly service: S } => ({
  service,
  input,
  output,
  reads,
});

const nothing = z.object({});

/**
 * What services ask of one another, by name. In one process they are plain calls; between processes POST /internal/<name> on the
 * internal port, with the caller's identity signed. Each owner is asked itself, none asks on for it (design §7).
 */
export const internalCalls = {
  /** By host name, domain or id; `standIn` asks for DEFAULT_SPACE or the first space. */
  'spaces.resolve': call(
    'spaces',
    true,
    z.union([
      z.object({ host: z.string() }),
      z.object({ domain: z.string() }),
      z.object({ id: z.string() }),
      z.object({ standIn: z.literal(true) }),
    ]),
    spaceIdentity.nullable(),
  ),
  'spaces.count': call('spaces', true, nothing, z.object({ spaces: z.number().int(), superSpaces: z.number().int() })),
  /** Makes the first super space; answers the one that stands when its domain exists already. */
  'spaces.createFirst': call('spaces', false, z.object({ domain: z.string(), host: z.string(), name: z.string() }), spaceIdentity),

  'accounts.resolve': call(
    'accounts',
    true,
    z.union([
      z.object({ id: z.number().int() }),
      z.object({ spaceId: z.string(), username: z.string() }),
      /** Any space's account with that e-mail, for JWT; more than one answers several. */
      z.object({ email: z.string() }),
    ]),
    z.array(accountIdentity),
  ),
  /** Sets the limit of a space (0 = none); with `atLeastPresent` refuses one below the present number of accounts. */
  'accounts.setPlaces': call(
    'accounts',
    false,
    z.object({ spaceId: z.string(), limit: z.number().int(), atLeastPresent: z.boolean() }),
    z.union([z.object({ set: z.literal(true) }), z.object({ set: z.literal(false), present: z.number().int() })]),
  ),
  'accounts.hasAdmin': call('accounts', true, z.object({ spaceIds: z.array(z.string()) }), z.object({ hasAdmin: z.boolean() })),
  /** Makes the first admin; answers the account that stands when the name is taken. */
  'accounts.createFirstAdmin': call(
    'accounts',
    false,
    z.object({ spaceId: z.string(), domain: z.string(), realm: z.string().nullable(), username: z.string(), password: z.string() }),
    z.object({ id: z.number().int(), created: z.boolean() }),
  ),
  /** Ends a creation that was never finished: afterwards that id is `created` or can never be. */
  'accounts.fence': call('accounts', false, z.object({ accountId: z.number().int() }), z.object({ state: z.enum(['created', 'fenced']) })),

  /** `key` is the lower-case hex SHA-256 of the presented key. */
  'tokens.resolveKey': call('tokens', true, z.object({ key: z.string() }), keyIdentity.nullable()),
  /** Remembers a use, at most once a minute a key. */
  'tokens.keyUsed': call('tokens', true, z.object({ keyId: z.string(), at: z.number() }), nothing),
  /** Last use of a key, ms since 1970; its creation when it was never used. */
  'tokens.keyLastUse': call('tokens', true, z.object({ keyId: z.string() }), z.object({ at: z.number() })),
  /** After `me/password` with that key: it goes on under the new version of the credentials. */
  'tokens.moveKey': call('tokens', false, z.object({ keyId: z.string(), credentialVersion: z.number().int() }), nothing),
  /** Makes an admin key of this very text when none is known by it. */
  'tokens.createAdminKey': call(
    'tokens',
    false,
    z.object({ accountId: z.number().int(), key: z.string() }),
    z.object({ created: z.boolean() }),
  ),
  'tokens.creationTokenState': call(
    'tokens',
    true,
    z.object({ token: z.string() }),
    z.object({ state: z.enum(['usable', 'expired', 'unknown']) }),
  ),
  /** One winner per token; the same account again is a repeat. */
  'tokens.reserve': call(
    'tokens',
    false,
    z.object({ token: z.string(), accountId: z.number().int() }),
    z.object({ reserved: z.boolean(), tokenId: z.string() }),
  ),
  'tokens.release': call('tokens', false, z.object({ tokenId: z.string(), accountId: z.number().int() }), nothing),
  'tokens.markUsed': call('tokens', false, z.object({ tokenId: z.string(), accountId: z.number().int() }), nothing),
} as const satisfies Record<string, InternalCall>;

export type InternalCallName = keyof typeof internalCalls;
export type InputOf<N extends InternalCallName> = z.infer<(typeof internalCalls)[N]['input']>;
export type OutputOf<N extends InternalCallName> = z.infer<(typeof internalCalls)[N]['output']>;

/** The calls that one service answers: it must answer exactly these. */
export type CallsOf<S extends ServiceName> = {
  [N in InternalCallName]: (typeof internalCalls)[N]['service'] extends S ? N : never;
}[InternalCallName];
