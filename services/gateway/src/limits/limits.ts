import { createHmac, type KeyObject } from 'node:crypto';
import type { Ephemeral } from '@flexistream/ephemeral';
import { type Failure, tooManyAttempts } from '@flexistream/http';
import type { Clock } from '@flexistream/kernel';
import { counter, type Log } from '@flexistream/observability';
import { clientOf } from '../request/address.ts';

const MINUTE = 60_000;
const FAILED_LOGINS_PER_MINUTE = 60;

const failedLogins = counter('flexistream_failed_logins', 'Logins with a wrong credential or an unknown name');

export type LimitHeaders = Readonly<Record<string, string>>;

interface LimitsParts {
  readonly ephemeral: Ephemeral;
  readonly clock: Clock;
  readonly log: Log;
  readonly perMinute: number;
  readonly key: KeyObject;
}

/** Counts by the minute in the store that all gateways share. A store that cannot be reached limits nobody. */
export class Limits {
  readonly #ephemeral: Ephemeral;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #perMinute: number;
  readonly #key: KeyObject;

  /** `perMinute` 0 = off, those of failed logins too. `key`: of all gateways, for names that tell no address. */
  constructor({ ephemeral, clock, log, perMinute, key }: LimitsParts) {
    this.#ephemeral = ephemeral;
    this.#clock = clock;
    this.#log = log;
    this.#perMinute = perMinute;
    this.#key = key;
  }

  get off(): boolean {
    return this.#perMinute === 0;
  }

  /** @throws Failure 429 */
  byAddress(address: string): Promise<LimitHeaders> {
    return this.#take(`limit:address:${this.#nameOf(address)}`);
  }

  /** @throws Failure 429 */
  byAccount(accountId: number): Promise<LimitHeaders> {
    return this.#take(`limit:account:${accountId}`);
  }

  /** Counts a failed login; answers what to say instead once there were too many from there. A good credential always passes. */
  async failedLogin(address: string): Promise<Failure | undefined> {
    failedLogins();
    if (this.off) return undefined;
    const count = await this.#add(`failed-logins:${this.#nameOf(address)}`);
    if (count === undefined || count.value <= FAILED_LOGINS_PER_MINUTE) return undefined;
    if (count.value === FAILED_LOGINS_PER_MINUTE + 1) this.#log.warn('too many failed logins from one address: answering 429 for a minute');
    return exceeded(FAILED_LOGINS_PER_MINUTE, count.expiresIn, this.#clock());
  }

  #nameOf(address: string): string {
    return createHmac('sha256', this.#key)
      .update(`address ${clientOf(address)}`)
      .digest('base64url');
  }

  async #take(key: string): Promise<LimitHeaders> {
    const count = this.off ? undefined : await this.#add(key);
    if (count === undefined) return {};
    if (count.value > this.#perMinute) throw exceeded(this.#perMinute, count.expiresIn, this.#clock());
    return { 'X-RateLimit-Limit': String(this.#perMinute), 'X-RateLimit-Remaining': String(this.#perMinute - count.value) };
  }

  async #add(key: string): Promise<{ value: number; expiresIn: number } | undefined> {
    try {
      return await this.#ephemeral.add(key, 1, MINUTE);
    } catch (error) {
      this.#log.warn({ err: error }, 'requests cannot be counted: nobody is limited');
      return undefined;
    }
  }
}

const exceeded = (limit: number, expiresIn: number, now: number): Failure =>
  tooManyAttempts({
    'Retry-After': String(Math.max(1, Math.ceil(expiresIn / 1000))),
    'X-RateLimit-Limit': String(limit),
    'X-RateLimit-Remaining': '0',
    'X-RateLimit-Reset': String(Math.ceil((now + expiresIn) / 1000)),
  });
