import type { ConsumeOptions, Consumer, EventBus } from '@flexistream/event-bus';
import { isUnavailable } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import { keepTrying } from './keep-trying.ts';

/**
 * Consumes as soon as the bus can be reached: a process serves without it, and what was published meanwhile waits in its topics.
 * Resolves after the first try. @throws what is no outage, when the first try meets it
 */
export const consumeSteadily = async (bus: EventBus, options: ConsumeOptions, log: Log): Promise<Consumer> => {
  const stopping = new AbortController();
  const found = Promise.withResolvers<Consumer | undefined>();
  let trying: Promise<void> | undefined;
  const consume = async (): Promise<void> => {
    const consumer = await bus.consume(options);
    found.resolve(consumer);
  };
  try {
    await consume();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    log.warn({ error, group: options.group }, 'the bus cannot be reached yet and will be tried again');
    trying = untilDone(`consumer of ${options.group}`, consume, stopping.signal, log);
  }
  return {
    caughtUp: async () => (await found.promise)?.caughtUp(),
    stop: async () => {
      stopping.abort();
      await trying;
      found.resolve(undefined);
      await (await found.promise)?.stop();
    },
  };
};

const untilDone = (name: string, work: () => Promise<void>, signal: AbortSignal, log: Log): Promise<void> => {
  const done = new AbortController();
  const once = async (): Promise<void> => {
    await work();
    done.abort();
  };
  return keepTrying(name, once, AbortSignal.any([signal, done.signal]), log);
};
