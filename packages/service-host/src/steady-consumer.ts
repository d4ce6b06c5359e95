import type { ConsumeOptions, Consumer, EventBus, ListenOptions } from '@flexistream/event-bus';
import { isUnavailable } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import { keepTrying } from './keep-trying.ts';

/** Consumes as soon as the bus can be reached; what was published meanwhile waits in its topics. @see steadily */
export const consumeSteadily = (bus: EventBus, options: ConsumeOptions, log: Log): Promise<Consumer> =>
  steadily(`consumer of ${options.group}`, () => bus.consume(options), log);

/** Listens as soon as the bus can be reached; what was published before is not heard. @see steadily */
export const listenSteadily = (bus: EventBus, options: ListenOptions, log: Log): Promise<Consumer> =>
  steadily(`listener of ${options.name}`, () => bus.listen(options), log);

/** A process serves without the bus. Resolves after the first try. @throws what is no outage, when the first try meets it */
const steadily = async (name: string, open: () => Promise<Consumer>, log: Log): Promise<Consumer> => {
  const stopping = new AbortController();
  const found = Promise.withResolvers<Consumer | undefined>();
  let trying: Promise<void> | undefined;
  const tryOnce = async (): Promise<void> => found.resolve(await open());
  try {
    await tryOnce();
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    log.warn({ error, name }, 'the bus cannot be reached yet and will be tried again');
    trying = untilDone(name, tryOnce, stopping.signal, log);
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
