import { Unavailable } from '@flexistream/kernel';
import { Unsure } from './failures.ts';

/** Waits, at most until the signal aborts. */
export const pause = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal?.addEventListener('abort', done, { once: true });
  });

/**
 * Does it again while the outcome is unknown, for so long and no longer; `attempt` gets what is left, in milliseconds.
 * @throws Unavailable when the time is over
 */
export const insist = async <T>(forMs: number, attempt: (leftMs: number) => Promise<T>): Promise<T> => {
  const end = Date.now() + forMs;
  for (let failures = 0; ; failures++) {
    try {
      return await attempt(Math.max(1, end - Date.now()));
    } catch (error) {
      if (!(error instanceof Unsure)) throw error;
      const wait = Math.min(200, 10 * 2 ** failures) * (0.5 + Math.random() / 2);
      if (Date.now() + wait >= end) throw new Unavailable('EventStoreDB does not answer', { cause: error });
      await pause(wait);
    }
  }
};
