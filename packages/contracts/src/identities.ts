import { z } from 'zod';

/** A space as others need it (design §7). Moments in ms since 1970. */
export const spaceIdentity = z.object({
  id: z.string(),
  domain: z.string(),
  host: z.string(),
  name: z.string(),
  /** `account_realm`; null = the domain stands in. */
  realm: z.string().nullable(),
  super: z.boolean(),
  expireAt: z.number().nullable(),
});
export type SpaceIdentity = z.infer<typeof spaceIdentity>;

export const algorithms = ['MD5', 'SHA-256'] as const;
export type Algorithm = (typeof algorithms)[number];

/** HA1 with what it was made from: a changed realm or name locks nobody out (spec accounts.md §4). As secret as a password. */
export const verifier = z.object({ algorithm: z.enum(algorithms), realm: z.string(), username: z.string(), ha1: z.string() });
export type Verifier = z.infer<typeof verifier>;

export const accountIdentity = z.object({
  id: z.number().int(),
  spaceId: z.string(),
  username: z.string(),
  domain: z.string(),
  admin: z.boolean(),
  blocked: z.boolean(),
  /** Rises with every verifier that differs; a user key is good only for the version it was made under. */
  credentialVersion: z.number().int(),
  verifiers: z.array(verifier),
});
export type AccountIdentity = z.infer<typeof accountIdentity>;

/** An API key as the gateway sees it. Moments in ms since 1970. */
export const keyIdentity = z.object({
  id: z.string(),
  accountId: z.number().int(),
  kind: z.enum(['user', 'admin']),
  /** The address it is bound to; null = any. */
  address: z.string().nullable(),
  createdAt: z.number(),
  /** Minutes without use after which it ends; 0 = never. */
  expiresAfterMinutes: z.number().int(),
  /** Null for admin keys. */
  credentialVersion: z.number().int().nullable(),
});
export type KeyIdentity = z.infer<typeof keyIdentity>;

/** Who calls, as the gateway found out; only the gateway can make one. */
export interface Caller {
  readonly accountId: number;
  readonly username: string;
  readonly space: SpaceIdentity;
  readonly admin: boolean;
  /** Admin of a super space. */
  readonly superAdmin: boolean;
  readonly via: 'digest' | 'key' | 'jwt';
  /** The id of the API key that was used, when `via` is `key`. */
  readonly keyId?: string;
  readonly keyKind?: 'user' | 'admin';
}
