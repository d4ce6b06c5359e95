import type { Ephemeral } from '@flexistream/ephemeral';
import { BoundedMap, Unavailable } from '@flexistream/kernel';

/** Parallel requests overtake one another: a count so far below the highest one is taken, once (spec auth-and-errors.md §6.5). */
const WINDOW = 64;
/** Beyond every count of eight hex digits, window included: afterwards none is fresh. */
const BURNT = 2 ** 32 + WINDOW;
const MARGIN_MS = 60_000;

export type Taken = 'fresh' | 'replayed' | 'burnt';

/** Which counts of a nonce were used, in the store that all gateways share. Nothing is kept before the first good answer. */
export class NonceCounts {
  readonly #ephemeral: Ephemeral;
  readonly #ttl: number;
  readonly #opened = new BoundedMap<string, true>(20_000);

  constructor(ephemeral: Ephemeral, lifeMs: number) {
    this.#ephemeral = ephemeral;
    this.#ttl = lifeMs + MARGIN_MS;
  }

  epoch(): Promise<string> {
    return reachable(() => this.#ephemeral.epoch());
  }

  /** A good answer with that count. A repeat burns the nonce for good. */
  async take(nonce: string, count: number): Promise<Taken> {
    return reachable(async () => {
      if ((await this.#ephemeral.advance(counterOf(nonce), count, WINDOW, this.#ttl)) === 'fresh') {
        await this.#open(nonce);
        return 'fresh';
      }
      const first = await this.#ephemeral.once(burnOf(nonce), this.#ttl);
      if (first) await this.#ephemeral.advance(counterOf(nonce), BURNT, WINDOW, this.#ttl);
      return first ? 'replayed' : 'burnt';
    });
  }

  /** A failing answer: only a nonce that was once answered well is counted, so that failures alone store nothing. */
  async takeFailing(nonce: string, count: number): Promise<Taken> {
    const opened = this.#opened.get(nonce) ?? (await reachable(() => this.#ephemeral.get(openOf(nonce)))) !== undefined;
    return opened ? this.take(nonce, count) : 'fresh';
  }

  async #open(nonce: string): Promise<void> {
    if (this.#opened.get(nonce) === true) return;
    await this.#ephemeral.set(openOf(nonce), '1', { ttl: this.#ttl });
    this.#opened.set(nonce, true);
  }
}

const counterOf = (nonce: string): string => `digest:count:${nonce}`;
const burnOf = (nonce: string): string => `digest:burnt:${nonce}`;
const openOf = (nonce: string): string => `digest:open:${nonce}`;

/** DIGEST needs its counters: without them 503, while keys go on (design §7). */
const reachable = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw new Unavailable('the counters of DIGEST cannot be reached', { cause: error });
  }
};
