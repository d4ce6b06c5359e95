/**
 * What may be lost: nonce counters, rate limits, short memories. Times to live in milliseconds.
 * A key is used in one way only: a value (`get`, `set`, `take`, `once`), a sum (`add`) or a window (`advance`).
 */
export interface Ephemeral {
  get(key: string): Promise<string | undefined>;
  /** `durable` survives a restart of the embedded store (written behind, at most a second later). */
  set(key: string, value: string, options: { readonly ttl: number; readonly durable?: boolean }): Promise<void>;
  /** Gets and removes in one step: of parallel callers one gets it. */
  take(key: string): Promise<string | undefined>;
  remove(key: string): Promise<void>;
  /** True for the first caller within the time to live. */
  once(key: string, ttl: number): Promise<boolean>;
  /** Adds and answers the new value; the time to live starts with the first addition and is not prolonged. */
  add(key: string, by: number, ttl: number): Promise<{ readonly value: number; readonly expiresIn: number }>;
  /**
   * Takes a counter value once, in one atomic step: `fresh` when it is higher than all seen or unseen within `window` below the
   * highest, else `seen`. Holds for parallel requests that overtake one another (spec auth-and-errors.md §6.5). `window` is at most
   * 64 and the same at each call of a key; each call prolongs the time to live.
   * @throws Unavailable rather than forgetting a window early, which would admit a value twice.
   */
  advance(key: string, value: number, window: number, ttl: number): Promise<'fresh' | 'seen'>;
  /** Random for this life of the store: a new value means that counters were lost. */
  epoch(): Promise<string>;
  close(): Promise<void>;
}
