import { type ExpectedRevision, isConflict, type StoredEvent } from '@flexistream/kernel';
import { brokenPromises } from '@flexistream/kernel/contract';
import { InProcessWriter } from '@flexistream/sqlite';
import { describe, expect, test } from '@jest/globals';
import { eventStorePromises } from './contract.ts';
import { embeddedSetting } from './embedded/setting.ts';
import type { EventStore, ReadOptions } from './port.ts';

type Mutation = (store: EventStore) => Partial<EventStore>;

/** A store that breaks promises: what the mutation does not replace goes to the real one. */
const broken = (store: EventStore, mutate: Mutation): EventStore => ({
  appendsViews: store.appendsViews,
  append: (...args) => store.append(...args),
  read: (...args) => store.read(...args),
  readAll: (...args) => store.readAll(...args),
  subscribe: (...args) => store.subscribe(...args),
  head: () => store.head(),
  end: () => store.end(),
  remove: (...args) => store.remove(...args),
  expire: (...args) => store.expire(...args),
  close: () => store.close(),
  ...mutate(store),
});

/** Which of these promises a mutated store breaks; a check that hangs is broken too. */
const brokenBy = (mutate: Mutation, promises: readonly string[], hangsAfterMs: number): Promise<readonly string[]> => {
  const chosen = Object.fromEntries(Object.entries(eventStorePromises).filter(([promise]) => promises.includes(promise)));
  const arrange = async () => {
    const setting = await embeddedSetting(() => new InProcessWriter())();
    return { ...setting, open: async () => broken(await setting.open(), mutate) };
  };
  return brokenPromises(chosen, arrange, { hangsAfterMs });
};

const mapBatches =
  (change: (events: readonly StoredEvent[], batch: number) => readonly StoredEvent[]): Mutation =>
  (store) => ({
    subscribe: async function* (options) {
      let batch = 0;
      for await (const events of store.subscribe(options)) {
        const changed = change(events, batch++);
        if (changed.length > 0) yield changed;
      }
    },
  });

const expecting =
  (instead: (expect: ExpectedRevision) => ExpectedRevision): Mutation =>
  (store) => ({
    append: (stream, events, { expect, ...rest }) => store.append(stream, events, { ...rest, expect: instead(expect) }),
  });

const reading =
  (instead: (options: ReadOptions) => ReadOptions): Mutation =>
  (store) => ({
    read: (stream, options = {}) => store.read(stream, instead(options)),
  });

const mutations: Record<string, { readonly mutate: Mutation; readonly noticed: string }> = {
  'ignores the expected revision': {
    mutate: expecting(() => 'any'),
    noticed: 'lets one of twenty creators of a stream win',
  },
  'takes an exact revision for "exists"': {
    mutate: expecting((expect) => (typeof expect === 'number' ? 'stream-exists' : expect)),
    noticed: 'lets one of twenty writers at a revision win',
  },
  'checks the revision, then writes': {
    mutate: (store) => ({
      append: async (stream, events, options) => {
        const last = (await store.read(stream)).at(-1)?.revision;
        if (options.expect === 'no-stream' && last === undefined) return store.append(stream, events, { expect: 'any' });
        return store.append(stream, events, options);
      },
    }),
    noticed: 'lets one of twenty creators of a stream win',
  },
  'answers before the commit': {
    mutate: (store) => ({
      append: async (stream, events, options) => {
        const stored = await store.read(stream);
        const head = await store.head();
        store.append(stream, events, options).catch(() => {});
        return { revision: stored.length + events.length - 1, position: head + events.length };
      },
    }),
    noticed: 'answers when the events can be read, not before',
  },
  'lets a conflict undo its neighbours': {
    mutate: (store) => {
      let failing = false;
      return {
        append: async (stream, events, options) => {
          try {
            const appended = await store.append(stream, events, options);
            if (failing) throw Object.assign(new Error('a neighbour failed'), { code: 'event-store/conflict' });
            return appended;
          } catch (error) {
            failing = true;
            setImmediate(() => {
              failing = false;
            });
            throw error;
          }
        },
      };
    },
    noticed: 'undoes nothing but the append that conflicts',
  },
  'refuses a resend': {
    mutate: (store) => {
      const sent = new Set<string>();
      return {
        append: async (stream, events, options) => {
          const ids = `${stream} ${events.map(({ id }) => id).join()}`;
          if (sent.has(ids)) throw Object.assign(new Error('sent before'), { code: 'event-store/conflict', stream });
          sent.add(ids);
          return store.append(stream, events, options);
        },
      };
    },
    noticed: 'answers a resend as the first time, and writes nothing',
  },
  'knows a resend by its first event alone': {
    mutate: (store) => ({
      append: async (stream, events, options) => {
        try {
          return await store.append(stream, events, options);
        } catch (error) {
          const first = (await store.read(stream)).find(({ id }) => id === events[0]?.id);
          if (!isConflict(error) || first === undefined) throw error;
          return { revision: first.revision, position: first.position };
        }
      },
    }),
    noticed: 'takes nothing for a resend that differs in any event',
  },
  'knows a resend by its id in any stream': {
    mutate: (store) => ({
      append: async (stream, events, options) => {
        const known = (await store.readAll({ after: 0, limit: 1_000 })).find(({ id }) => id === events[0]?.id);
        return known === undefined ? store.append(stream, events, options) : { revision: known.revision, position: known.position };
      },
    }),
    noticed: 'takes the same event in two streams for two events',
  },
  'loses the first event after catching up': {
    mutate: mapBatches((events, batch) => (batch === 1 ? events.slice(1) : events)),
    noticed: 'leaves no gap and no double between catching up and live, whatever is appended meanwhile',
  },
  'delivers the last event of the catch-up again': {
    mutate: (store) => ({
      subscribe: async function* (options) {
        let last: StoredEvent | undefined;
        for await (const events of store.subscribe(options)) {
          yield last === undefined ? events : [last, ...events];
          last ??= events.at(-1);
        }
      },
    }),
    noticed: 'leaves no gap and no double between catching up and live, whatever is appended meanwhile',
  },
  'subscribes from the beginning, whatever is asked': {
    mutate: (store) => ({ subscribe: (options) => store.subscribe({ ...options, after: 0 }) }),
    noticed: 'starts after the position that it is given',
  },
  'ignores the size of a batch': {
    mutate: (store) => ({ subscribe: (options) => store.subscribe({ ...options, batch: 1_000 }) }),
    noticed: 'delivers no batch that is larger than asked, and none that is empty',
  },
  'does not hear that a subscription is ended': {
    mutate: (store) => ({ subscribe: (options) => store.subscribe({ ...options, signal: new AbortController().signal }) }),
    noticed: 'ends when its signal aborts, also while it waits',
  },
  'reads forwards only': {
    mutate: reading(({ direction: _, ...options }) => options),
    noticed: 'reads a stream from any side',
  },
  'reads a stream from its beginning, whatever is asked': {
    mutate: reading(({ from: _, ...options }) => options),
    noticed: 'reads a stream from any side',
  },
  'reads all events from a position on, with that one': {
    mutate: (store) => ({ readAll: ({ after, limit }) => store.readAll({ after: after - 1, limit }) }),
    noticed: 'reads all streams in the order of their positions',
  },
  'takes the newest event for its end': {
    mutate: (store) => ({ end: () => store.head() }),
    noticed: 'knows its end, though the newest event was removed',
  },
  'starts a removed stream at revision 0 again': {
    mutate: (store) => {
      const lives = new Map<string, number>();
      const now = (stream: string) => (lives.has(stream) ? `${stream}~${lives.get(stream)}` : stream);
      return {
        append: (stream, ...rest) => store.append(now(stream), ...rest),
        read: (stream, ...rest) => store.read(now(stream), ...rest),
        remove: async (stream) => {
          lives.set(stream, (lives.get(stream) ?? 0) + 1);
        },
      };
    },
    noticed: 'reads a removed stream as empty, and its revisions never come back',
  },
  'removes nothing': {
    mutate: () => ({ remove: async () => {} }),
    noticed: 'reads a removed stream as empty, and its revisions never come back',
  },
  'never lets a stream expire': {
    mutate: () => ({ expire: async () => {} }),
    noticed: 'reads an expired stream as removed',
  },
  'removes at once what is to expire later': {
    mutate: (store) => ({ expire: (stream) => store.remove(stream) }),
    noticed: 'keeps a stream until its moment',
  },
  'stays open when it is closed': {
    mutate: () => ({ close: async () => {} }),
    noticed: 'is unavailable once it is closed',
  },
};

describe('the contract of event stores notices a store that', () => {
  test.each(Object.entries(mutations))('%s', async (_, { mutate, noticed }) => {
    expect(await brokenBy(mutate, [noticed], 2_000)).toEqual([noticed]);
  });

  test('forgets everything when it is closed, and one that drops what it had accepted', async () => {
    const forgetful = await brokenPromises(eventStorePromises, async () => {
      const settings = new AsyncDisposableStack();
      const open = async () => settings.use(await embeddedSetting(() => new InProcessWriter())()).open();
      return { open, [Symbol.asyncDispose]: () => settings.disposeAsync() };
    });
    expect(forgetful).toEqual(
      expect.arrayContaining([
        'finds everything again when it is opened anew',
        'finishes the appends that it has accepted before it closes',
        'remembers a removed stream when it is opened again',
      ]),
    );
  });

  test('keeps every promise: none', async () => {
    expect(await brokenBy(() => ({}), Object.keys(eventStorePromises), 25_000)).toEqual([]);
  });
});
