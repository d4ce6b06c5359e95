import type { KeyObject } from 'node:crypto';
import type { Caller, ServiceName } from '@flexistream/contracts';
import { spaceIdentity } from '@flexistream/contracts';
import { BoundedMap, type Clock, systemClock } from '@flexistream/kernel';
import { jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';

/** Who stands behind an internal request: a caller whom the gateway let in, or a service on its own account. */
export type Identity = { readonly from: ServiceName; readonly caller: Caller | undefined };

const ISSUER = 'flexistream';
/** A caller's rights may be used for a second from when they were asked (design §7), so what says them is signed anew after it. */
const CALLER_KEPT_MS = 1_000;
/** A request that was let in may then wait for its owner: as long as the client waits for an answer, and a little more. */
const CALLER_SECONDS = 12;
const SERVICE_KEPT_MS = 15_000;
const SERVICE_SECONDS = 30;
/** Clocks of machines may differ. */
const CLOCK_TOLERANCE_SECONDS = 1;

const caller = z.object({
  accountId: z.number().int(),
  username: z.string(),
  space: spaceIdentity,
  admin: z.boolean(),
  superAdmin: z.boolean(),
  via: z.enum(['digest', 'key', 'jwt']),
  keyId: z.string().optional(),
  keyKind: z.enum(['user', 'admin']).optional(),
});
const names = z.enum(['gateway', 'accounts', 'spaces', 'tokens', 'notifications', 'statistics']);

/** So many of each are remembered: what a second of busy callers needs. */
const REMEMBERED = 2_000;

/**
 * Signs with HS256 under a key derived from the master key, so every process of one installation can check it. Signing and checking cost
 * more than the rest of a hop, so one that was signed or checked is remembered: it says the same until it ends.
 */
export class IdentityTokens {
  readonly #key: KeyObject;
  readonly #mine: ServiceName;
  readonly #clock: Clock;
  readonly #signed = new BoundedMap<string, { readonly until: number; readonly token: string }>(REMEMBERED);
  readonly #checked = new BoundedMap<string, { readonly until: number; readonly identity: Identity }>(REMEMBERED);

  constructor(key: KeyObject, mine: ServiceName, clock: Clock = systemClock) {
    this.#key = key;
    this.#mine = mine;
    this.#clock = clock;
  }

  async forCaller(who: Caller | undefined, audience: ServiceName): Promise<string> {
    if (who === undefined) return this.forService(audience);
    return this.#kept(audience, { keptMs: CALLER_KEPT_MS, seconds: CALLER_SECONDS }, { caller: who });
  }

  forService(audience: ServiceName): Promise<string> {
    return this.#kept(audience, { keptMs: SERVICE_KEPT_MS, seconds: SERVICE_SECONDS }, {});
  }

  /** @throws when it is not signed by this installation, for this service, and still valid. */
  async verify(token: string): Promise<Identity> {
    const now = this.#clock();
    const known = this.#checked.get(token);
    if (known !== undefined && known.until > now) return known.identity;
    const { payload } = await jwtVerify(token, this.#key, {
      algorithms: ['HS256'],
      issuer: ISSUER,
      audience: this.#mine,
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      requiredClaims: ['exp'],
      currentDate: new Date(now),
    });
    const who = payload.caller === undefined ? undefined : (caller.parse(payload.caller) as Caller);
    const identity = { from: names.parse(payload.sub), caller: who };
    this.#checked.set(token, { until: (payload.exp ?? 0) * 1_000, identity });
    return identity;
  }

  async #kept(
    audience: ServiceName,
    { keptMs, seconds }: { readonly keptMs: number; readonly seconds: number },
    claims: Record<string, unknown>,
  ): Promise<string> {
    const now = this.#clock();
    const says = JSON.stringify([audience, claims]);
    const known = this.#signed.get(says);
    if (known !== undefined && known.until > now) return known.token;
    const token = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256' })
      .setIssuer(ISSUER)
      .setSubject(this.#mine)
      .setAudience(audience)
      .setExpirationTime(Math.floor(now / 1000) + seconds)
      .sign(this.#key);
    this.#signed.set(says, { until: now + keptMs, token });
    return token;
  }
}
