import { randomBytes } from 'node:crypto';
import { type Clock, Unavailable } from '@flexistream/kernel';
import type { Ephemeral } from '../port.ts';
import { ExpiringMap } from './expiring-map.ts';
import { WIDEST, Window } from './window.ts';

export interface Value {
  readonly value: string;
  readonly expiresAt: number;
  readonly durable: boolean;
}

interface Sum {
  value: number;
  readonly expiresAt: number;
}

/** Told of each change to durable values; undefined = gone. */
export type Remember = (key: string, value: Value | undefined) => void;

export interface MemoryOptions {
  readonly clock: Clock;
  /** How many values, sums and windows are kept, of each kind. */
  readonly limit: number;
  readonly remember: Remember;
}

const SWEEP_EVERY_MS = 1_000;
const SWEPT_AT_ONCE = 5_000;

/** Everything in this process's memory; nothing waits, so that each operation is atomic. */
export class MemoryEphemeral implements Ephemeral {
  readonly #values = new ExpiringMap<Value>();
  readonly #sums = new ExpiringMap<Sum>();
  readonly #windows = new ExpiringMap<Window>();
  readonly #epoch = randomBytes(16).toString('base64url');
  readonly #clock: Clock;
  readonly #limit: number;
  readonly #remember: Remember;
  readonly #timer: NodeJS.Timeout;

  constructor({ clock, limit, remember }: MemoryOptions) {
    this.#clock = clock;
    this.#limit = limit;
    this.#remember = remember;
    this.#timer = setInterval(() => this.sweep(SWEPT_AT_ONCE), SWEEP_EVERY_MS).unref();
  }

  async get(key: string): Promise<string | undefined> {
    return this.#values.get(key, this.#clock())?.value;
  }

  async set(key: string, value: string, { ttl, durable = false }: { readonly ttl: number; readonly durable?: boolean }): Promise<void> {
    const now = this.#clock();
    const before = this.#values.get(key, now);
    const entry = { value, expiresAt: now + ttl, durable };
    this.#put(key, entry, before);
  }

  /** A value that was durable in an earlier life. */
  recall(key: string, value: string, expiresAt: number): void {
    if (expiresAt > this.#clock()) this.#values.set(key, { value, expiresAt, durable: true });
  }

  async take(key: string): Promise<string | undefined> {
    const found = this.#values.get(key, this.#clock());
    if (found !== undefined) this.#forget(key, found);
    return found?.value;
  }

  async remove(key: string): Promise<void> {
    const found = this.#values.get(key, this.#clock());
    if (found !== undefined) this.#forget(key, found);
    this.#sums.delete(key);
    this.#windows.delete(key);
  }

  async once(key: string, ttl: number): Promise<boolean> {
    const now = this.#clock();
    if (this.#values.get(key, now) !== undefined) return false;
    this.#put(key, { value: '', expiresAt: now + ttl, durable: false }, undefined);
    return true;
  }

  async add(key: string, by: number, ttl: number): Promise<{ readonly value: number; readonly expiresIn: number }> {
    const now = this.#clock();
    let sum = this.#sums.get(key, now);
    if (sum === undefined) {
      if (this.#sums.size >= this.#limit) this.#sums.dropOldest();
      sum = { value: 0, expiresAt: now + ttl };
      this.#sums.set(key, sum);
    }
    sum.value += by;
    return { value: sum.value, expiresIn: sum.expiresAt - now };
  }

  async advance(key: string, value: number, window: number, ttl: number): Promise<'fresh' | 'seen'> {
    if (window > WIDEST) throw new RangeError(`a window is at most ${WIDEST} wide`);
    const now = this.#clock();
    const known = this.#windows.get(key, now);
    if (known !== undefined) {
      known.expiresAt = now + ttl;
      return known.take(value, window);
    }
    if (this.#windows.size >= this.#limit) throw new Unavailable('too many counters at once'); // dropping one would admit its values again
    this.#windows.set(key, new Window(value, now + ttl));
    return 'fresh';
  }

  async epoch(): Promise<string> {
    return this.#epoch;
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
  }

  /** Drops what is over among the next `count` entries of each kind. */
  sweep(count: number): void {
    const now = this.#clock();
    for (const entries of [this.#values, this.#sums, this.#windows]) entries.sweep(now, count);
  }

  get size(): number {
    return this.#values.size + this.#sums.size + this.#windows.size;
  }

  #put(key: string, entry: Value, before: Value | undefined): void {
    if (before === undefined && this.#values.size >= this.#limit) this.#values.dropOldest();
    this.#values.set(key, entry);
    if (entry.durable) this.#remember(key, entry);
    else if (before?.durable) this.#remember(key, undefined);
  }

  #forget(key: string, found: Value): void {
    this.#values.delete(key);
    if (found.durable) this.#remember(key, undefined);
  }
}
