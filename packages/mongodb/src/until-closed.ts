import { Unavailable } from '@flexistream/kernel';
import { translated } from './errors.ts';

/** Connecting may take a second, and what waits behind it not one more: 503 within 2 s (design §7). */
const ANSWERED_WITHIN_MS = 1_800;

/** Lets work in until it is closed; closing waits for what is in. The client is left open: others use it too. */
export class UntilClosed {
  readonly #under: Set<Promise<unknown>> = new Set();
  readonly #what: string;
  #closed = false;

  constructor(what: string) {
    this.#what = what;
  }

  /** What somebody waits for. @throws Unavailable when it is closed, in an outage, and within 2 s; then it may go on all the same. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(new Unavailable('MongoDB does not answer')), ANSWERED_WITHIN_MS);
    try {
      return await Promise.race([this.runLong(work), late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Batches, indexes: as long as it takes. */
  async runLong<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closed) throw new Unavailable(`${this.#what} is closed`);
    const running = translated(work());
    this.#under.add(running);
    try {
      return await running;
    } finally {
      this.#under.delete(running);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#under);
  }
}
