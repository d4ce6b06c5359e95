import { hash } from 'node:crypto';
import type { KeyIdentity } from '@flexistream/contracts';
import { BoundedMap, type Clock } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import type { Identities } from '../identity/identities.ts';
import { sameAddress } from '../request/address.ts';
import { cookieOf } from '../request/cookie.ts';
import { headerOf } from '../request/header-text.ts';
import type { Incoming } from '../request/incoming.ts';
import { type Attempt, type Login, LoginFailed } from './attempt.ts';

const NAME = 'x-api-key';
const MINUTE = 60_000;

/** What was presented: the header, else the cookie. Empty = absent (spec auth-and-errors.md §5, §6.6). */
export const presentedKey = (headers: Incoming['headers']): { text: string; byCookie: boolean } | undefined => {
  const header = headerOf(headers[NAME]);
  if (header !== undefined && header.trim() !== '') return { text: header.trim(), byCookie: false };
  const cookie = cookieOf(headers.cookie, NAME);
  return cookie === undefined ? undefined : { text: cookie, byCookie: true };
};

interface Use {
  /** As the owner knows it, or as we told it. It only grows, so an old value never lets an expired key live. */
  at: number;
  told: number;
}

export class ApiKeys {
  readonly #identities: Identities;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #uses = new BoundedMap<string, Use>(20_000);

  constructor({ identities, clock, log }: { identities: Identities; clock: Clock; log: Log }) {
    this.#identities = identities;
    this.#clock = clock;
    this.#log = log;
  }

  async logIn(attempt: Attempt, presented: { text: string; byCookie: boolean }): Promise<Login> {
    if (presented.byCookie && isForeign(attempt)) throw refused(false);
    const key = await this.#identities.key(hash('sha256', presented.text, 'hex'), attempt.look);
    if (key === null) throw refused(true);
    if (key.address !== null && !sameAddress(key.address, attempt.arrival.address)) throw refused(true);
    const account = await this.#identities.account(key.accountId, attempt.look);
    if (account === undefined) throw refused(true);
    if (key.kind === 'user' && key.credentialVersion !== account.credentialVersion) throw refused(true);
    if (key.expiresAfterMinutes > 0 && (await this.#isExpired(key))) throw refused(true);
    this.#use(key);
    return { account, via: 'key', key };
  }

  /** A use is remembered at most once a minute, so expiry allows for that minute (design §7). */
  async #isExpired(key: KeyIdentity): Promise<boolean> {
    const outlived = (at: number): boolean => this.#clock() - at > key.expiresAfterMinutes * MINUTE + MINUTE;
    const known = this.#uses.get(key.id);
    if (known !== undefined && !outlived(known.at)) return false;
    const { at } = await this.#identities.lastUseOf(key.id);
    if (outlived(at)) return true;
    if (known === undefined) this.#uses.set(key.id, { at, told: 0 });
    else known.at = Math.max(known.at, at);
    return false;
  }

  #use(key: KeyIdentity): void {
    const now = this.#clock();
    const known = this.#uses.get(key.id);
    if (known !== undefined && now - known.told < MINUTE) return;
    const use = { at: known?.at ?? key.createdAt, told: now };
    this.#uses.set(key.id, use);
    this.#identities.rememberUse(key.id, now).then(
      () => {
        use.at = now;
      },
      (error: unknown) => {
        use.told = 0; // the next use tells it
        this.#log.warn({ err: error }, 'the use of an API key could not be remembered');
      },
    );
  }
}

const refused = (counts: boolean): LoginFailed => new LoginFailed(401, { key: 'invalid_api_key' }, { counts });

/** A page of somebody else makes the browser send the cookie along: a login by cookie must come from our own pages. */
const isForeign = ({ headers, arrival }: Attempt): boolean => {
  if (headerOf(headers['sec-fetch-site'])?.toLowerCase() === 'cross-site') return true;
  const origin = headerOf(headers.origin);
  return origin !== undefined && authorityOf(origin) !== authorityOf(`http://${arrival.authority ?? ''}`);
};

const authorityOf = (origin: string): string | undefined => {
  const [, authority] = /^https?:\/\/([^/]+)$/i.exec(origin) ?? [];
  return authority?.toLowerCase().replace(/:(?:80|443)$/, '');
};
