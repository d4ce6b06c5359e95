import type { Ephemeral } from '@flexistream/ephemeral';
import { Unavailable } from '@flexistream/kernel';

/** The ephemeral store as the gateway's specs need it: in memory, and it can be made to fail or to lose everything. */
export class MemoryEphemeral implements Ephemeral {
  readonly #now: () => number;
  readonly #values = new Map<string, { value: string; until: number }>();
  readonly #counts = new Map<string, Set<number>>();
  #epoch = 1;
  down = false;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** As a restart does: counters are gone, the epoch is another one. */
  loseEverything(): void {
    this.#values.clear();
    this.#counts.clear();
    this.#epoch++;
  }

  get keys(): string[] {
    return [...this.#values.keys(), ...this.#counts.keys()];
  }

  async get(key: string): Promise<string | undefined> {
    this.#expectUp();
    const entry = this.#values.get(key);
    return entry !== undefined && entry.until > this.#now() ? entry.value : undefined;
  }

  async set(key: string, value: string, { ttl }: { readonly ttl: number }): Promise<void> {
    this.#expectUp();
    this.#values.set(key, { value, until: this.#now() + ttl });
  }

  async take(key: string): Promise<string | undefined> {
    const value = await this.get(key);
    this.#values.delete(key);
    return value;
  }

  async remove(key: string): Promise<void> {
    this.#expectUp();
    this.#values.delete(key);
  }

  async once(key: string, ttl: number): Promise<boolean> {
    if ((await this.get(key)) !== undefined) return false;
    await this.set(key, '1', { ttl });
    return true;
  }

  async add(key: string, by: number, ttl: number): Promise<{ readonly value: number; readonly expiresIn: number }> {
    const value = Number((await this.get(key)) ?? 0) + by;
    const until = this.#values.get(key)?.until ?? 0;
    const end = until > this.#now() ? until : this.#now() + ttl;
    this.#values.set(key, { value: String(value), until: end });
    return { value, expiresIn: end - this.#now() };
  }

  async advance(key: string, value: number, window: number): Promise<'fresh' | 'seen'> {
    this.#expectUp();
    const seen = this.#counts.get(key) ?? new Set();
    this.#counts.set(key, seen);
    if (seen.has(value) || value < Math.max(0, ...seen) - window) return 'seen';
    seen.add(value);
    return 'fresh';
  }

  async epoch(): Promise<string> {
    this.#expectUp();
    return String(this.#epoch);
  }

  async close(): Promise<void> {}

  #expectUp(): void {
    if (this.down) throw new Unavailable('the store is down');
  }
}
