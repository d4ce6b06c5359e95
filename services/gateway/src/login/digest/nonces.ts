import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { randomToken } from '@flexistream/kernel';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const TIME = 6;
const RANDOM = 10;
const MAC = 16;
const shape = /^[0-9A-Za-z]{32}$/;

/** What a nonce is good for: other passwords or a store that lost its counters end it. */
export interface NonceScope {
  readonly accountId: number;
  readonly credentialVersion: number;
  /** Of the ephemeral store. */
  readonly epoch: string;
}

/**
 * Nonces of 32 characters A-Z a-z 0-9: seconds since 1970, random, MAC over both and the scope. Nothing is stored when one is made, so
 * strangers who know a user name fill no store.
 */
export class Nonces {
  readonly #key: KeyObject;
  readonly #lifeSeconds: number;

  constructor({ key, lifeMinutes }: { key: KeyObject; lifeMinutes: number }) {
    this.#key = key;
    this.#lifeSeconds = lifeMinutes * 60;
  }

  /** `now` in ms since 1970. */
  make(scope: NonceScope, now: number): string {
    const head = base62(Math.floor(now / 1000), TIME) + randomToken(RANDOM);
    return head + this.#mac(head, scope);
  }

  inspect(nonce: string, scope: NonceScope, now: number): 'good' | 'expired' | 'unknown' {
    if (!shape.test(nonce)) return 'unknown';
    const head = nonce.slice(0, TIME + RANDOM);
    const genuine = timingSafeEqual(Buffer.from(nonce.slice(-MAC)), Buffer.from(this.#mac(head, scope)));
    if (!genuine) return 'unknown';
    return this.isExpired(nonce, now) ? 'expired' : 'good';
  }

  /** Of a genuine nonce. */
  isExpired(nonce: string, now: number): boolean {
    return Math.floor(now / 1000) - fromBase62(nonce.slice(0, TIME)) > this.#lifeSeconds;
  }

  /** Belongs to the nonce and tells nothing. */
  opaqueOf(nonce: string): string {
    return createHmac('sha256', this.#key).update(`opaque\n${nonce}`).digest('base64url').slice(0, 22);
  }

  get lifeMs(): number {
    return this.#lifeSeconds * 1000;
  }

  #mac(head: string, { accountId, credentialVersion, epoch }: NonceScope): string {
    const digest = createHmac('sha256', this.#key).update(`nonce\n${head}\n${accountId}\n${credentialVersion}\n${epoch}`).digest();
    let mac = '';
    for (let index = 0; index < MAC; index++) mac += ALPHABET[(digest[index] ?? 0) % 62];
    return mac;
  }
}

const base62 = (value: number, length: number): string => {
  let text = '';
  for (let rest = value; text.length < length; rest = Math.floor(rest / 62)) text = ALPHABET[rest % 62] + text;
  return text;
};

const fromBase62 = (text: string): number => [...text].reduce((value, character) => value * 62 + ALPHABET.indexOf(character), 0);
