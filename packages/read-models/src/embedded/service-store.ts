import type { EventStore } from '@flexistream/event-store';
import { EmbeddedEventStore, type EmbeddedEventStoreOptions, openEventStore } from '@flexistream/event-store/embedded';
import type { Clock } from '@flexistream/kernel';
import { type Database, openDatabase, type Writer } from '@flexistream/sqlite';
import type { InlineChanges } from '../inline-changes.ts';
import type { ReadModels } from '../port.ts';
import { EmbeddedReadModels } from './embedded-read-models.ts';
import { asInlineRow, type InlineRow } from './inline-row.ts';
import type { ServiceOperations } from './service-program.ts';
import type { ViewsOperations } from './views-program.ts';

export interface OpenServiceStoreOptions {
  readonly file: string;
  /** Several files, of any kind, may share one. */
  readonly writer: Writer;
  readonly clock?: Clock;
  /** KiB of pages that the writing and the reading connection may each keep; default 4,096. */
  readonly cacheKib?: number;
}

/** A service's log and documents. */
export interface ServiceStore {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  /**
   * After an erasure: nothing of it is left in the WAL. Removed streams are gone from it when `remove` resolves, dropped documents
   * within a second, all by themselves; this is for who must know.
   */
  truncate(): Promise<void>;
  /** Finishes accepted appends, then closes both stores and their files; not the writers. */
  close(): Promise<void>;
}

/** Log and documents in one file. `append` takes `InlineChanges[]` as `alongside`. */
export const openServiceStore = async ({ file, writer, clock, cacheKib = 4_096 }: OpenServiceStoreOptions): Promise<ServiceStore> => {
  const program = new URL('./service-program.ts', import.meta.url);
  const database: Database<ServiceOperations> = await openDatabase({ file, program, writer, cacheKib });
  const readModels = new EmbeddedReadModels(database);
  const options: EmbeddedEventStoreOptions = {
    alongside: (all) => {
      const rows = (all as readonly InlineChanges[]).map((one) => known(readModels, one));
      if (rows.some(drops)) database.truncateSoon(); // the writer comes to that after the append
      return rows;
    },
  };
  const eventStore = new EmbeddedEventStore(database, clock === undefined ? options : { ...options, clock });
  return {
    eventStore,
    readModels,
    truncate: () => database.truncate(),
    close: () => eventStore.close(),
  };
};

export interface OpenDividedStoreOptions extends OpenServiceStoreOptions {
  readonly documents: Pick<OpenServiceStoreOptions, 'file' | 'writer'>;
}

/**
 * Log and documents in a file each, with a writer each: no append waits for a batch of documents, nor for its way from the WAL into the
 * file. Nothing is written in the append's own transaction there.
 */
export const openDividedStore = async ({
  file,
  writer,
  documents,
  clock,
  cacheKib = 4_096,
}: OpenDividedStoreOptions): Promise<ServiceStore> => {
  const eventStore = await openEventStore({ file, writer, cacheKib, ...(clock === undefined ? {} : { clock }) });
  const database = await openDocuments({ ...documents, cacheKib });
  return {
    eventStore,
    readModels: new EmbeddedReadModels(database),
    truncate: () => database.truncate(), // the log truncates its own with each removal
    close: async () => {
      await eventStore.close();
      await database.close();
    },
  };
};

const drops = ({ changes }: InlineRow): boolean => changes.some((ofEvent) => ofEvent.some(([op]) => op === 'drop'));

/** What nobody will ever write must not be lost without a word. */
const known = (readModels: EmbeddedReadModels, changes: InlineChanges): InlineRow => {
  const { name, version } = changes.projection;
  if (!readModels.isInline(changes.projection)) throw new RangeError(`${name}@${version} was not declared as inline`);
  return asInlineRow(changes);
};

/** Documents in a file of their own, for projections of a log that is elsewhere. */
export const openReadModels = async (options: OpenServiceStoreOptions): Promise<ReadModels> =>
  new EmbeddedReadModels(await openDocuments(options));

const openDocuments = ({ file, writer, cacheKib = 4_096 }: OpenServiceStoreOptions): Promise<Database<ViewsOperations>> =>
  openDatabase({ file, program: new URL('./program.ts', import.meta.url), writer, cacheKib });
