/** One holder of a key at a time; the others wait in order of asking. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Resolves with the function that ends the turn, or with undefined when the signal aborts first. */
  async take(key: string, signal?: AbortSignal): Promise<(() => void) | undefined> {
    const { promise: mine, resolve: end } = Promise.withResolvers<void>();
    const before = this.#last.get(key);
    const chain = before === undefined ? mine : before.then(() => mine);
    this.#last.set(key, chain);
    chain.then(() => {
      if (this.#last.get(key) === chain) this.#last.delete(key);
    });
    if (before !== undefined) await untilAborted(before, signal);
    if (signal?.aborted !== true) return end;
    end();
    return undefined;
  }

  async run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const end = await this.take(key);
    try {
      return await work();
    } finally {
      end?.();
    }
  }
}

/** Waits for the promise, at most until the signal aborts. */
export const untilAborted = async (promise: Promise<unknown>, signal: AbortSignal | undefined): Promise<void> => {
  if (signal === undefined) return void (await promise);
  if (signal.aborted) return;
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  const abort = () => resolve();
  signal.addEventListener('abort', abort, { once: true });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
