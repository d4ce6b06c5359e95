import type { EventStore } from '@flexistream/event-store';
import type { Position, StoredEvent } from '@flexistream/kernel';
import { changesOf, type OnFailure, type OpenEvent } from './changes-of.ts';
import type { EventChanges, ReadModels } from './port.ts';
import type { Projection } from './projection.ts';

export interface RebuildOptions {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projections: readonly Projection[];
  readonly open: OpenEvent;
  /** Position that was reached, position of the newest event. */
  readonly onProgress?: (done: Position, of: Position) => void;
  readonly onFailure?: OnFailure;
  /** Events read, folded and written at once; default 2,000. */
  readonly batch?: number;
}

/**
 * Builds projections anew from the whole log, in one pass for all of them: folded in memory batch by batch, each document written once
 * a batch, indexes last. It fires nothing: relays and reactions have checkpoints of their own (design §5).
 */
export const rebuildProjections = async (options: RebuildOptions): Promise<void> => {
  const { readModels, projections } = options;
  for (const projection of projections) await readModels.beginRebuild(projection);
  await readThrough(options);
  for (const projection of projections) await readModels.finishRebuild(projection);
};

/** Reads and opens the next batch while the last one is written. */
const readThrough = async ({
  eventStore,
  readModels,
  projections,
  open,
  onProgress,
  onFailure,
  batch = 2_000,
}: RebuildOptions): Promise<void> => {
  const of = await eventStore.head();
  const write = async (changes: readonly EventChanges[][], position: Position): Promise<void> => {
    await Promise.all(projections.map((projection, index) => readModels.apply(projection, changes[index] ?? [], position)));
    onProgress?.(position, Math.max(of, position));
  };
  let after: Position = 0;
  let writing: Promise<void> | undefined;
  for (;;) {
    const events = await eventStore.readAll({ after, limit: batch });
    const last = events.at(-1);
    if (last === undefined && writing === undefined) return;
    const changes = await changesOfAll(projections, events, open, onFailure);
    await writing; // and then looks once more: what was appended before the last write was done is not yet inline
    writing = last && write(changes, last.position);
    writing?.catch(() => {}); // awaited above, one round later
    after = last?.position ?? after;
  }
};

/** One list of changes for each projection; the events are opened once. */
const changesOfAll = async (
  projections: readonly Projection[],
  events: readonly StoredEvent[],
  open: OpenEvent,
  onFailure: OnFailure | undefined,
): Promise<EventChanges[][]> => {
  const changes: EventChanges[][] = projections.map(() => []);
  for (const event of events) {
    const opened = await open(event);
    projections.forEach((projection, index) => {
      const change = changesOf(projection, opened, onFailure);
      if (change.changes.length > 0 || change.parked !== undefined) changes[index]?.push(change);
    });
  }
  return changes;
};
