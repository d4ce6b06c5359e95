import { setImmediate } from 'node:timers/promises';
import {
  type Appended,
  type Clock,
  Conflict,
  isConflict,
  type NewEvent,
  type Position,
  type StoredEvent,
  systemClock,
} from '@flexistream/kernel';
import type { Database } from '@flexistream/sqlite';
import type { Alongside, EventStore, ReadAllOptions, ReadOptions, StoreAppendOptions, SubscribeOptions } from '../port.ts';
import { Bell } from './bell.ts';
import type { EventRow, LogOperations } from './log-program.ts';
import { LogReader } from './log-reader.ts';

export interface EmbeddedEventStoreOptions {
  /** Given when the file's program writes `alongside` too: makes it what crosses to the writer. */
  readonly alongside?: (alongside: Alongside) => Alongside;
  readonly clock?: Clock;
}

const BATCH = 1_000;
const SWEEP_EVERY_MS = 60_000;
const SWEEP_STREAMS = 500;

/** One service's log in one SQLite file. The store closes the database with itself. */
export class EmbeddedEventStore implements EventStore {
  readonly appendsViews: boolean;
  readonly #database: Database<LogOperations>;
  readonly #log: LogReader;
  readonly #alongside: ((alongside: Alongside) => Alongside) | undefined;
  readonly #clock: Clock;
  readonly #appended = new Bell();
  readonly #closing = new AbortController();
  readonly #sweeping: NodeJS.Timeout;

  constructor(database: Database<LogOperations>, { alongside, clock = systemClock }: EmbeddedEventStoreOptions = {}) {
    this.#database = database;
    this.#log = new LogReader(database.reader);
    this.#alongside = alongside;
    this.appendsViews = alongside !== undefined;
    this.#clock = clock;
    this.#sweeping = setInterval(() => this.removeExpired().catch(() => {}), SWEEP_EVERY_MS).unref(); // what is left is swept next time
  }

  async append(stream: string, events: readonly NewEvent[], { expect, alongside }: StoreAppendOptions): Promise<Appended> {
    if (events.length === 0) throw new RangeError('an append holds at least one event');
    const input = { stream, expect, events: events.map(asRow), alongside: alongside && this.#alongside?.(alongside), now: this.#clock() };
    try {
      return await this.#database.run('append', input);
    } catch (error) {
      throw isConflict(error) ? new Conflict(stream, { cause: error }) : error;
    } finally {
      this.#appended.ring();
    }
  }

  async read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    return this.#log.stream(stream, options, this.#clock());
  }

  async readAll(options: ReadAllOptions): Promise<readonly StoredEvent[]> {
    return this.#log.all(options);
  }

  /** Looks again after each ring: the log itself is the only queue, so nothing can be missed or come twice. */
  async *subscribe({ after, batch = BATCH, signal }: SubscribeOptions): AsyncIterable<readonly StoredEvent[]> {
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    let position = after;
    while (!ended.aborted) {
      const events = this.#log.all({ after: position, limit: batch });
      const last = events.at(-1);
      if (last === undefined) await this.#appended.next(ended);
      else {
        position = last.position;
        yield events;
        if (events.length === batch) await setImmediate(); // a long catch-up lets requests in between
      }
    }
  }

  async head(): Promise<Position> {
    return this.#log.head();
  }

  async end(): Promise<Position> {
    return this.#log.end();
  }

  async remove(stream: string): Promise<void> {
    await this.#database.run('remove', stream);
    await this.#database.truncate();
  }

  async expire(stream: string, at: number): Promise<void> {
    await this.#database.run('expire', { stream, at });
  }

  /** Takes expired streams off the disk; it runs by itself once a minute. Until then they only read as removed. */
  async removeExpired(): Promise<number> {
    let total = 0;
    for (let removed = SWEEP_STREAMS; removed === SWEEP_STREAMS; total += removed) {
      removed = await this.#database.run('sweep', { now: this.#clock(), limit: SWEEP_STREAMS });
    }
    if (total > 0) await this.#database.truncate();
    return total;
  }

  async close(): Promise<void> {
    clearInterval(this.#sweeping);
    this.#closing.abort();
    await this.#database.close();
  }
}

const asRow = ({ id, type, schema, data, metadata }: NewEvent): EventRow => [
  id,
  type,
  schema,
  JSON.stringify(data),
  JSON.stringify(metadata),
];
