import type { KeyObject } from 'node:crypto';
import type { AccountIdentity } from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import type { TextKey } from '@flexistream/http';
import { BoundedMap, type Clock } from '@flexistream/kernel';
import type { Identities } from '../../identity/identities.ts';
import { utf8 } from '../../request/header-text.ts';
import { type Attempt, type Login, LoginFailed } from '../attempt.ts';
import { accountAddressOf } from '../sip-address.ts';
import { type Credentials, parseCredentials } from './authorization.ts';
import { challengeLines } from './challenge.ts';
import { NonceCounts, type Taken } from './nonce-counts.ts';
import { type NonceScope, Nonces } from './nonces.ts';
import { countOf, type Fault, judge, type Verdict } from './verdict.ts';

export interface DigestOptions {
  readonly identities: Identities;
  readonly ephemeral: Ephemeral;
  readonly clock: Clock;
  readonly key: KeyObject;
  readonly nonceMinutes: number;
  readonly checksUri: boolean;
}

const texts: Readonly<Record<Fault, TextKey>> = {
  incomplete: 'unauthorized',
  nonce: 'nonce_invalid',
  mismatch: 'unauthorized',
  algorithm: 'wrong_algorithm',
  response: 'unauthorized',
};

/** A nonce in use, so that its MAC and its lines are made once. */
interface Session {
  readonly account: AccountIdentity;
  readonly epoch: string;
  readonly opaque: string;
  readonly lines: readonly string[];
}

/** RFC 7616 with MD5 and SHA-256, as spec auth-and-errors.md §6 has it. */
export class Digest {
  readonly #options: DigestOptions;
  readonly #nonces: Nonces;
  readonly #counts: NonceCounts;
  readonly #sessions = new BoundedMap<string, Session>(10_000);

  constructor(options: DigestOptions) {
    this.#options = options;
    this.#nonces = new Nonces({ key: options.key, lifeMinutes: options.nonceMinutes });
    this.#counts = new NonceCounts(options.ephemeral, this.#nonces.lifeMs);
  }

  async logIn(attempt: Attempt, from: string, authorization: string | undefined): Promise<Login> {
    const { account, username } = await this.#claimed(attempt, from);
    const scope = { accountId: account.id, credentialVersion: account.credentialVersion, epoch: await this.#counts.epoch() };
    if (authorization === undefined) throw this.#challenge(account, scope, 'unauthenticated', { counts: false });
    const credentials = parseCredentials(authorization);
    if (credentials?.scheme !== 'digest') throw this.#challenge(account, scope, 'unauthenticated', { counts: true });
    return this.#answered(attempt, { account, username, scope, credentials });
  }

  /** An unknown `From` is 404, not 401: clients rely on it (spec auth-and-errors.md §16, 9). */
  async #claimed({ look }: Attempt, from: string): Promise<{ account: AccountIdentity; username: string }> {
    const address = accountAddressOf(utf8(from));
    if (address === undefined) throw new LoginFailed(401, { key: 'invalid_sip_address' }, { counts: false });
    const { identities } = this.#options;
    const space = await identities.spaceOfDomain(address.domain, look);
    const account = space && (await identities.accountByName(space.id, address.username, look));
    if (account === undefined) throw new LoginFailed(404, { key: 'missing_elements' }, { counts: true });
    return { account, username: address.username };
  }

  async #answered(
    attempt: Attempt,
    { account, username, scope, credentials }: { account: AccountIdentity; username: string; scope: NonceScope; credentials: Credentials },
  ): Promise<Login> {
    const { parameters } = credentials;
    const nonce = parameters.get('nonce') ?? '';
    const session = this.#sessionOf(nonce, account, scope.epoch);
    const state = this.#inspect(nonce, session, scope);
    const verdict = judge(parameters, {
      verifiers: account.verifiers,
      username,
      nonce: state,
      opaque: session?.opaque ?? this.#nonces.opaqueOf(nonce),
      method: attempt.method,
      target: attempt.target,
      checksUri: this.#options.checksUri,
    });
    const taken = state === 'good' ? await this.#count(attempt, nonce, parameters.get('nc'), verdict) : 'fresh';
    if (taken !== 'fresh') {
      const text = taken === 'replayed' ? 'nonce_replayed' : 'nonce_invalid';
      throw this.#challenge(account, scope, text, { counts: !verdict.right, final: true });
    }
    if (verdict.fault !== undefined) {
      const stale = verdict.right && state === 'expired';
      throw this.#challenge(account, scope, texts[verdict.fault], { counts: !verdict.right, stale });
    }
    attempt.once.challenge = (session ?? this.#openSession(nonce, account, scope.epoch)).lines;
    return { account, via: 'digest' };
  }

  #inspect(nonce: string, session: Session | undefined, scope: NonceScope): 'good' | 'expired' | 'unknown' {
    const now = this.#options.clock();
    if (session === undefined) return this.#nonces.inspect(nonce, scope, now);
    return this.#nonces.isExpired(nonce, now) ? 'expired' : 'good';
  }

  /** A replay shows before all other faults. What was judged by a cached identity is not counted yet: it is judged once more. */
  async #count({ once, look }: Attempt, nonce: string, nc: string | undefined, verdict: Verdict): Promise<Taken> {
    const count = countOf(nc);
    if (count === undefined || once.nonce === nonce) return 'fresh';
    if (verdict.fault !== undefined && look.old) return 'fresh';
    const taken = verdict.fault === undefined ? await this.#counts.take(nonce, count) : await this.#counts.takeFailing(nonce, count);
    if (taken === 'fresh') once.nonce = nonce;
    return taken;
  }

  #sessionOf(nonce: string, account: AccountIdentity, epoch: string): Session | undefined {
    const session = this.#sessions.get(nonce);
    const holds = session?.epoch === epoch && session.account.id === account.id;
    return holds && session.account.credentialVersion === account.credentialVersion ? session : undefined;
  }

  #openSession(nonce: string, account: AccountIdentity, epoch: string): Session {
    const opaque = this.#nonces.opaqueOf(nonce);
    const session = { account, epoch, opaque, lines: challengeLines(account.verifiers, nonce, opaque) };
    this.#sessions.set(nonce, session);
    return session;
  }

  /** Every 401 carries a fresh nonce; an account without password has nothing to be asked for. */
  #challenge(account: AccountIdentity, scope: NonceScope, key: TextKey, how: { counts: boolean; stale?: boolean; final?: boolean }) {
    const nonce = this.#nonces.make(scope, this.#options.clock());
    const lines = challengeLines(account.verifiers, nonce, this.#nonces.opaqueOf(nonce), how);
    const headers: Record<string, readonly string[]> = lines.length === 0 ? {} : { 'WWW-Authenticate': lines };
    return new LoginFailed(401, { key }, { ...how, headers });
  }
}
