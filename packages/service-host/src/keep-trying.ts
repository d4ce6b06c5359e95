import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '@flexistream/observability';

/** Runs an endless work again after a failure, later each time, until it is told to stop. */
export const keepTrying = async (name: string, work: () => Promise<void>, signal: AbortSignal, log: Log): Promise<void> => {
  for (let failures = 0; !signal.aborted; ) {
    const started = Date.now();
    try {
      await work();
    } catch (error) {
      if (signal.aborted) return;
      failures = Date.now() - started > 60_000 ? 1 : failures + 1;
      log.error({ error, failures }, `${name} failed and will be tried again`);
      await pause(Math.min(10_000, 50 * 2 ** failures), undefined, { signal }).catch(() => undefined);
    }
  }
};
