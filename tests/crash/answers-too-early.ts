import { setTimeout } from 'node:timers/promises';
import type { EventStore } from '@flexistream/event-store';
import type { ExpectedRevision } from '@flexistream/kernel';
import type { Infrastructure } from '@flexistream/service-host';
import { serve } from './serve.ts';

/** How long an acknowledged append is in memory only. */
const LATE_MS = 30;

const isAt = (revision: number | undefined, expect: ExpectedRevision): boolean => {
  if (expect === 'any') return true;
  if (expect === 'no-stream') return revision === undefined;
  if (expect === 'stream-exists') return revision !== undefined;
  return revision === expect;
};

/**
 * Breaks one promise, and only that one: an append is answered before it is durable. Revisions are checked as ever, and each
 * stream is read and appended to in order, so nobody notices while the process lives.
 */
const answersTooEarly = (store: EventStore): EventStore => {
  const underway = new Map<string, Promise<unknown>>();
  const settled = (stream: string) => underway.get(stream) ?? Promise.resolve();
  let lastPosition = 0;

  const append: EventStore['append'] = async (stream, events, options) => {
    for (let pending = underway.get(stream); pending !== undefined; pending = underway.get(stream)) await pending;
    const answer = Promise.withResolvers<{ revision: number; position: number }>();
    const work = (async () => {
      const [last] = await store.read(stream, { direction: 'backwards', limit: 1 });
      if (!isAt(last?.revision, options.expect)) return answer.resolve(await store.append(stream, events, options));
      lastPosition = Math.max(lastPosition, await store.head());
      answer.resolve({ revision: (last?.revision ?? -1) + events.length, position: lastPosition });
      await setTimeout(LATE_MS);
      await store.append(stream, events, options);
    })().catch((error: unknown) => answer.reject(error));
    underway.set(stream, work);
    void work.then(() => underway.delete(stream));
    return answer.promise;
  };

  return {
    appendsViews: store.appendsViews,
    append,
    read: async (stream, options) => {
      await settled(stream);
      return store.read(stream, options);
    },
    readAll: (options) => store.readAll(options),
    subscribe: (options) => store.subscribe(options),
    head: () => store.head(),
    end: () => store.end(),
    remove: async (stream) => {
      await settled(stream);
      await store.remove(stream);
    },
    expire: async (stream, at) => {
      await settled(stream);
      await store.expire(stream, at);
    },
    close: async () => {
      await Promise.all(underway.values());
      await store.close();
    },
  };
};

await serve({
  infrastructure: (real): Infrastructure => ({
    ...real,
    stores: async (service) => {
      const stores = await real.stores(service);
      return { ...stores, eventStore: answersTooEarly(stores.eventStore), close: () => stores.close() };
    },
    close: () => real.close(),
  }),
});
