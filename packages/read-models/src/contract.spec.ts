import { brokenPromises } from '@flexistream/kernel/contract';
import { InProcessWriter } from '@flexistream/sqlite';
import { describe, expect, test } from '@jest/globals';
import type { InlineStores } from './contract/setting.ts';
import { type InlineSetting, inlinePromises, type ReadModelsSetting, readModelsContract, readModelsPromises } from './contract.ts';
import { readModelsSetting, serviceSetting } from './embedded/setting.ts';
import type { InlineChanges } from './inline-changes.ts';
import { MemoryReadModels } from './memory-read-models.ts';
import type { EventChanges, ParkedEvent, ProjectionRef, ReadModels } from './port.ts';

const inMemory = (make: () => ReadModels) => async (): Promise<ReadModelsSetting & AsyncDisposable> => {
  const models = make();
  return { open: async () => models, [Symbol.asyncDispose]: async () => {} };
};

readModelsContract(
  'Memory',
  inMemory(() => new MemoryReadModels()),
);

const noticed = (make: () => ReadModels) => brokenPromises(readModelsPromises, inMemory(make), { hangsAfterMs: 1_500 });

/** Shifts a batch past everything seen, so that no position tells that it was. */
class Forgetful extends MemoryReadModels {
  #shift = 0;
  override apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number): Promise<readonly ParkedEvent[]> {
    this.#shift += 1_000;
    return super.apply(
      projection,
      batch.map((event) => ({ ...event, position: event.position + this.#shift })),
      checkpoint,
    );
  }
}

const mutations: Record<string, { readonly make: () => ReadModels; readonly breaks: string }> = {
  'takes in again what it has seen': {
    make: () => new Forgetful(),
    breaks: 'ends the same when everything comes twice, the second time in other batches',
  },
  'skips a batch that overlaps with one it has seen': {
    make: () =>
      new (class extends MemoryReadModels {
        override async apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number) {
          if ((batch[0]?.position ?? checkpoint) <= (await this.checkpoint(projection))) return [];
          return super.apply(projection, batch, checkpoint);
        }
      })(),
    breaks: 'takes what is new in a batch that overlaps',
  },
  'sees only the first change of an event to a document': {
    make: () =>
      new (class extends MemoryReadModels {
        override apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number) {
          const first = batch.map((event) => ({
            ...event,
            changes: [...new Map(event.changes.toReversed().map((one) => [one.id, one])).values()],
          }));
          return super.apply(projection, first, checkpoint);
        }
      })(),
    breaks: 'makes all changes of an event to one document',
  },
  'stops at an event that fails': {
    make: () =>
      new (class extends MemoryReadModels {
        override async apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number) {
          let parked: readonly ParkedEvent[] = [];
          for (const event of batch) {
            parked = await super.apply(projection, [event], event.position);
            if (parked.length > 0) return parked;
          }
          return super.apply(projection, [], checkpoint);
        }
      })(),
    breaks: 'parks an event that fails, makes none of its changes, and goes on with others',
  },
  'makes some changes of an event that fails': {
    make: () =>
      new (class extends MemoryReadModels {
        override apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number) {
          const single = batch.flatMap((event) =>
            event.changes.length < 2 ? [event] : event.changes.map((change) => ({ ...event, changes: [change] })),
          );
          return super.apply(projection, single, checkpoint);
        }
      })(),
    breaks: 'parks an event that fails, makes none of its changes, and goes on with others',
  },
  'parks an event, but not later ones of its stream': {
    make: () =>
      new (class extends MemoryReadModels {
        override apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number) {
          return super.apply(
            projection,
            batch.map((event) => ({ ...event, key: `${event.key} ${event.position}` })),
            checkpoint,
          );
        }
      })(),
    breaks: 'parks later events of the same stream, in this batch and the next, and no other',
  },
  'forgets parked events': {
    make: () =>
      new (class extends MemoryReadModels {
        override async parked() {
          return [];
        }
      })(),
    breaks: 'lists a parked event once, however often it comes',
  },
  'forgets that an event was parked, and its changes': {
    make: () =>
      new (class extends MemoryReadModels {
        override unpark(projection: ProjectionRef, events: readonly EventChanges[]) {
          return super.unpark(
            projection,
            events.map((event) => ({ ...event, changes: [] })),
          );
        }
      })(),
    breaks: 'makes the changes of a parked event after all, and takes its stream in again',
  },
  'keeps documents when a rebuild begins': {
    make: () =>
      new (class extends MemoryReadModels {
        override async beginRebuild() {}
      })(),
    breaks: 'begins a rebuild with nothing: no document, no checkpoint, no parked event',
  },
  'keeps all versions under one name': {
    make: () =>
      new (class extends MemoryReadModels {
        override get(projection: ProjectionRef, collection: string, id: string) {
          return super.get({ ...projection, version: 1 }, collection, id) as Promise<never>;
        }
      })(),
    breaks: 'keeps collections, versions and projections apart',
  },
  'scans where no index serves': {
    make: () =>
      new (class extends MemoryReadModels {
        override find(projection: ProjectionRef, collection: string) {
          return super.find(projection, collection, { limit: 100 }) as Promise<never>;
        }
      })(),
    breaks: 'refuses what no declared index serves',
  },
  'takes a range with both of its ends': {
    make: () =>
      new (class extends MemoryReadModels {
        override find(...[projection, collection, query]: Parameters<ReadModels['find']>) {
          const { range } = query;
          if (typeof range?.below !== 'number') return super.find(projection, collection, query) as Promise<never>;
          return super.find(projection, collection, { ...query, range: { ...range, below: range.below + 1 } }) as Promise<never>;
        }
      })(),
    breaks: 'finds by a range on the next field, its lower end in it, its upper end not',
  },
  'orders upwards only': {
    make: () =>
      new (class extends MemoryReadModels {
        override find(...[projection, collection, { order, ...query }]: Parameters<ReadModels['find']>) {
          const upwards = order === undefined ? query : { ...query, order: { ...order, direction: 'ascending' as const } };
          return super.find(projection, collection, upwards) as Promise<never>;
        }
      })(),
    breaks: 'orders by the next fields, either way',
  },
  'ignores where a page begins': {
    make: () =>
      new (class extends MemoryReadModels {
        override find(...[projection, collection, { offset: _, ...query }]: Parameters<ReadModels['find']>) {
          return super.find(projection, collection, query) as Promise<never>;
        }
      })(),
    breaks: 'pages without a gap or an overlap, also among equals',
  },
  'lets its checkpoint go back': {
    make: () =>
      new (class extends MemoryReadModels {
        readonly #last = new Map<ProjectionRef, number>();
        override apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: number) {
          this.#last.set(projection, checkpoint);
          return super.apply(projection, batch, checkpoint);
        }
        override async checkpoint(projection: ProjectionRef) {
          return this.#last.get(projection) ?? 0;
        }
      })(),
    breaks: 'moves its checkpoint with a batch that changes nothing, and never back',
  },
};

describe('the contract of read models notices one that', () => {
  test.each(Object.entries(mutations))('%s', async (_, { make, breaks }) => {
    expect(await noticed(make)).toContain(breaks);
  });

  test('answers before the documents are durable, and forgets them when it is closed', async () => {
    const arrange = async () => {
      const settings = new AsyncDisposableStack();
      const open = async () => settings.use(await readModelsSetting(() => new InProcessWriter())()).open();
      return { open, [Symbol.asyncDispose]: () => settings.disposeAsync() };
    };
    expect(await brokenPromises(readModelsPromises, arrange)).toEqual(
      expect.arrayContaining(['finds everything again when it is opened anew', 'finishes what it has accepted before it closes']),
    );
  });
});

type Mutation = (stores: InlineStores) => InlineStores;

/** Which of these promises a mutated store breaks; a check that hangs is broken too. */
const brokenInline = (mutate: Mutation, promises: readonly string[], hangsAfterMs: number): Promise<readonly string[]> => {
  const chosen = Object.fromEntries(Object.entries(inlinePromises).filter(([promise]) => promises.includes(promise)));
  const arrange = async (): Promise<InlineSetting & AsyncDisposable> => {
    const setting = await serviceSetting(() => new InProcessWriter())();
    return { ...setting, open: async () => mutate(await setting.open()) };
  };
  return brokenPromises(chosen, arrange, { hangsAfterMs });
};

/** Replaces what is written alongside an append. */
const alongside =
  (change: (all: readonly InlineChanges[]) => InlineChanges[]): Mutation =>
  ({ eventStore, readModels, close }) => {
    const append: typeof eventStore.append = (stream, events, options) =>
      eventStore.append(stream, events, { ...options, alongside: change((options.alongside ?? []) as InlineChanges[]) });
    return { eventStore: withAppend(eventStore, append), readModels, close };
  };

const withAppend = (store: InlineStores['eventStore'], append: InlineStores['eventStore']['append']): InlineStores['eventStore'] => ({
  appendsViews: true,
  append,
  read: (...args) => store.read(...args),
  readAll: (...args) => store.readAll(...args),
  subscribe: (...args) => store.subscribe(...args),
  head: () => store.head(),
  end: () => store.end(),
  remove: (...args) => store.remove(...args),
  expire: (...args) => store.expire(...args),
  close: () => store.close(),
});

/** Writes the views by itself after the append, as if they were not in one transaction. */
const afterwards: Mutation = ({ eventStore, readModels, close }) => {
  const append: typeof eventStore.append = async (stream, events, { alongside, ...options }) => {
    const appended = await eventStore.append(stream, events, options);
    for (const { projection, changes } of (alongside ?? []) as InlineChanges[]) {
      const first = appended.position - changes.length + 1;
      const parts = changes.map((some, index) => ({ position: first + index, key: stream, changes: some }));
      await readModels.unpark({ ...projection, collections: [] }, parts);
    }
    return appended;
  };
  return { eventStore: withAppend(eventStore, append), readModels, close };
};

describe('the contract of inline views notices a store that', () => {
  test.each<readonly [string, Mutation, string]>([
    ['writes no views', alongside(() => []), 'writes its views with the append'],
    ['writes the views of one projection only', alongside((all) => all.slice(0, 1)), 'writes its views with the append'],
    ['writes the views of a resend again, since they are not in the append', afterwards, 'writes the views of a resend once'],
    [
      'takes the changes of an event that could not be told for none',
      alongside((all) => all.map(({ parked: _, ...changes }) => changes)),
      'parks later appends to that stream, also after a restart, and no other',
    ],
    [
      'fails an append whose projection fails',
      ({ eventStore, readModels, close }) => {
        const append: typeof eventStore.append = async (stream, events, options) => {
          const appended = await eventStore.append(stream, events, options);
          if ((await readModels.parked()).length > 0) throw new Error('a projection failed');
          return appended;
        };
        return { eventStore: withAppend(eventStore, append), readModels, close };
      },
      'lets an append stand whose projection fails: only that one is undone and parked',
    ],
  ])('%s', async (_, mutate, breaks) => {
    expect(await brokenInline(mutate, [breaks], 2_000)).toEqual([breaks]);
  });

  test('keeps every promise: none', async () => {
    expect(await brokenInline((stores) => stores, Object.keys(inlinePromises), 25_000)).toEqual([]);
  });
});
