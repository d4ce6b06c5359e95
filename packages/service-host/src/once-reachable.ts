import { setTimeout as pause } from 'node:timers/promises';
import { isUnavailable } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

/** An engine answered, and does not let this process in: waiting would not help. */
export class EngineRefuses extends Error {
  readonly code = 'service-host/engine-refuses';
}

/** Opens what needs the engines; while one is away, again and again, later each time. @throws EngineRefuses, and whatever is no outage */
export const onceReachable = async <T>(open: () => Promise<T>, log: Log): Promise<T> => {
  for (let failures = 0; ; failures++) {
    try {
      return await open();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      refuseRefusal(error);
      const againInMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** failures);
      log.warn({ againInMs, reason: reasonOf(error) }, `${error.message}: not started yet, it will be tried again`);
      await pause(againInMs);
    }
  }
};

/** Adapters say so by the end of a code: `event-store/refused`, `ephemeral/refused`, `mongodb/refused`. */
const refuseRefusal = (error: Error): void => {
  const refusal = causesOf(error).find((cause) => 'code' in cause && typeof cause.code === 'string' && cause.code.endsWith('/refused'));
  if (refusal !== undefined) throw new EngineRefuses(`${error.message}: ${refusal.message}`, { cause: error });
};

/** The deepest code that is there, e.g. ECONNREFUSED: texts of clients may hold an address with its credentials. */
const reasonOf = (error: Error): unknown =>
  causesOf(error)
    .flatMap((cause) => ('code' in cause ? [cause.code] : []))
    .at(-1);

const causesOf = (error: Error): readonly Error[] => (error.cause instanceof Error ? [error, ...causesOf(error.cause)] : [error]);

/** For who serves without that engine, only worse: it is asked once, and nothing waits for it. @throws EngineRefuses */
export const askedOnce = async (ask: () => Promise<unknown>, log: Log): Promise<void> => {
  try {
    await ask();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    refuseRefusal(error);
    log.warn({ reason: reasonOf(error) }, `${error.message}: what needs it is refused until it does`);
  }
};
