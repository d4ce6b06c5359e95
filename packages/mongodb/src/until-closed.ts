import { Unavailable } from '@flexistream/kernel';
import { translated } from './errors.ts';

/** Connecting may take a second, and what waits behind it half of one: 503 within 2 s (design §7). */
const ANSWERED_WITHIN_MS = 1_500;
const BATCH_WITHIN_MS = 30_000;
const INDEXED_WITHIN_MS = 3_600_000;

/**
 * Lets work in until it is closed; closing waits for what is in. The client is left open: others use it too. All work is limited, since the
 * driver has no limit of its own; what is given up may be done all the same.
 */
export class UntilClosed {
  readonly #under: Set<Promise<unknown>> = new Set();
  readonly #what: string;
  #closed = false;

  constructor(what: string) {
    this.#what = what;
  }

  /** What somebody waits for. @throws Unavailable when it is closed, in an outage, and within 2 s. */
  run<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(work, ANSWERED_WITHIN_MS);
  }

  /** Batches, which nobody waits for. */
  runLong<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(work, BATCH_WITHIN_MS);
  }

  /** Making indexes on documents that are there. */
  runVeryLong<T>(work: () => Promise<T>): Promise<T> {
    return this.#run(work, INDEXED_WITHIN_MS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled(this.#under);
  }

  async #run<T>(work: () => Promise<T>, limit: number): Promise<T> {
    if (this.#closed) throw new Unavailable(`${this.#what} is closed`);
    const running = within(limit, translated(work()));
    this.#under.add(running);
    try {
      return await running;
    } finally {
      this.#under.delete(running);
    }
  }
}

const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Unavailable('MongoDB does not answer')), milliseconds);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
