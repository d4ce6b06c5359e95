import type { EventStore } from '@flexistream/event-store';
import type { Change, Document, EventChanges, FoldChange, ProjectionRef, ReadModels } from '../port.ts';

/** One engine of its own, empty. Each `open` opens it; the check closes one before it opens the next. */
export interface ReadModelsSetting {
  open(): Promise<ReadModels>;
}

export interface InlineStores {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  close(): Promise<void>;
}

export interface InlineSetting {
  open(): Promise<InlineStores>;
}

const people = { name: 'people', indexes: [['age'], ['town', 'age'], ['town', 'name'], ['active', 'name']] };
const sums = { name: 'sums', indexes: [] };

export const town: ProjectionRef = { name: 'town', version: 1, collections: [people, sums] };
export const nextTown: ProjectionRef = { ...town, version: 2 };
export const other: ProjectionRef = { name: 'other', version: 1, collections: [sums] };

/** A check of read models that are open and know the three projections; `again` closes and opens them. */
export const opened =
  (check: (models: ReadModels, again: () => Promise<ReadModels>) => Promise<void>) =>
  async (setting: ReadModelsSetting): Promise<void> => {
    const open = async () => {
      const models = await setting.open();
      await models.declare([town, nextTown, other]);
      return models;
    };
    let models = await open();
    try {
      await check(models, async () => {
        await models.close();
        models = await open();
        return models;
      });
    } finally {
      await models.close();
    }
  };

/** What the event at that position changes; its stream is `a-1` unless said otherwise. */
export const at = (position: number, changes: readonly (Change | FoldChange)[], key = 'a-1'): EventChanges => ({ position, key, changes });

/** All documents of a collection of these ids. */
export const documents = async (
  models: ReadModels,
  projection: ProjectionRef,
  collection: string,
  ids: readonly string[],
): Promise<Record<string, Document>> => Object.fromEntries([...(await models.getMany(projection, collection, ids))].sort());

export const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
