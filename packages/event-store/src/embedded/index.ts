import type { Clock } from '@flexistream/kernel';
import { openDatabase, type Writer } from '@flexistream/sqlite';
import { EmbeddedEventStore } from './embedded-event-store.ts';
import type { LogOperations } from './log-program.ts';

export { EmbeddedEventStore, type EmbeddedEventStoreOptions } from './embedded-event-store.ts';
export { type LogAtRest, openLogAtRest, type StreamFate } from './log-at-rest.ts';

export interface OpenEventStoreOptions {
  readonly file: string;
  readonly writer: Writer;
  readonly clock?: Clock;
  /** KiB of pages that the writing and the reading connection may each keep. */
  readonly cacheKib?: number;
}

/** A log in a file of its own; a service with views opens `openServiceStore` of read-models instead. */
export const openEventStore = async ({ file, writer, clock, cacheKib }: OpenEventStoreOptions): Promise<EmbeddedEventStore> => {
  const program = new URL('./program.ts', import.meta.url);
  const database = await openDatabase<LogOperations>({ file, program, writer, ...(cacheKib === undefined ? {} : { cacheKib }) });
  return new EmbeddedEventStore(database, clock === undefined ? {} : { clock });
};
