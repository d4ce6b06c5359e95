import { type Clock, systemClock } from '@flexistream/kernel';
import { type Database, openDatabase, type Writer } from '@flexistream/sqlite';
import type { Ephemeral } from '../port.ts';
import { MemoryEphemeral, type MemoryOptions } from './memory.ts';
import type { EphemeralOperations } from './program.ts';
import { WriteBehind } from './write-behind.ts';

export { durableAtRest } from './durable-at-rest.ts';

export interface EmbeddedEphemeralOptions {
  /** `ephemeral.db` in `DATA_DIR`, for durable values. */
  readonly file: string;
  readonly writer: Writer;
  readonly clock?: Clock;
  /** How many values, sums and windows are kept, of each kind; default a million. */
  readonly limit?: number;
  /** How long a durable value may wait for its writing; default a second. */
  readonly writeBehindMs?: number;
}

/** In this process's memory; durable values are also written behind to one SQLite file. */
export const openEmbeddedEphemeral = async ({
  file,
  writer,
  clock = systemClock,
  limit = 1_000_000,
  writeBehindMs = 1_000,
}: EmbeddedEphemeralOptions): Promise<Ephemeral> => {
  const program = new URL('./program.ts', import.meta.url);
  const database = await openDatabase<EphemeralOperations>({ file, writer, program, cacheKib: 512 });
  const behind = new WriteBehind((changes) => database.run('write', changes), clock, writeBehindMs);
  await database.run('write', { kept: [], gone: [], now: clock() });
  const store = new EmbeddedEphemeral({ clock, limit, remember: (key, value) => behind.remember(key, value) }, async () => {
    await behind.flush().finally(() => database.close());
  });
  recall(store, database);
  return store;
};

class EmbeddedEphemeral extends MemoryEphemeral {
  readonly #finish: () => Promise<void>;

  constructor(options: MemoryOptions, finish: () => Promise<void>) {
    super(options);
    this.#finish = finish;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#finish();
  }
}

const recall = (store: MemoryEphemeral, { reader }: Database<EphemeralOperations>): void => {
  type Row = { key: string; value: string; expires_at: number };
  for (const row of reader.all<Row>('SELECT key, value, expires_at FROM durable')) store.recall(row.key, row.value, row.expires_at);
};
