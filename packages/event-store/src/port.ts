import type { Appended, ExpectedRevision, NewEvent, Position, StoredEvent } from '@flexistream/kernel';

/**
 * A change that an inline projection makes with an append; opaque here, understood by the read-model adapter that shares
 * the engine (design §3).
 */
export type Alongside = readonly unknown[];

export interface StoreAppendOptions {
  readonly expect: ExpectedRevision;
  /** Only where `appendsViews`: written in the append's own transaction, in a savepoint of its own. */
  readonly alongside?: Alongside;
}

export interface ReadOptions {
  /** The first revision to read; forwards from 0, backwards from the last when absent. */
  readonly from?: number;
  readonly direction?: 'forwards' | 'backwards';
  readonly limit?: number;
}

export interface ReadAllOptions {
  /** Exclusive. 0 reads from the first event. */
  readonly after: Position;
  readonly limit: number;
}

export interface SubscribeOptions {
  /** Exclusive. 0 = from the first event. */
  readonly after: Position;
  /** At most this many events a batch; default 1,000. */
  readonly batch?: number;
  readonly signal: AbortSignal;
}

/**
 * One service's own log. Answers come after the events are durable. Callers test codes (`isConflict`, `isUnavailable`),
 * never an engine's error. Everything is asynchronous and nobody may rely on completion within a tick.
 */
export interface EventStore {
  /** True when `alongside` is written in the append's transaction; false: the changes are ignored, the projection follows. */
  readonly appendsViews: boolean;
  /** Idempotent per stream: on a conflict the ids after the expected revision are compared, equal ones answer as the first time. */
  append(stream: string, events: readonly NewEvent[], options: StoreAppendOptions): Promise<Appended>;
  read(stream: string, options?: ReadOptions): Promise<readonly StoredEvent[]>;
  /** In order of position; an empty answer means the end was reached. */
  readAll(options: ReadAllOptions): Promise<readonly StoredEvent[]>;
  /** First what is there, then what comes, without gap or duplicate. Ends when the signal aborts. */
  subscribe(options: SubscribeOptions): AsyncIterable<readonly StoredEvent[]>;
  /** The position of the newest event, 0 when there is none. */
  head(): Promise<Position>;
  /** Nothing of this log stands, or ever stood, after it: not before `head`, and past it where the newest events were removed. */
  end(): Promise<Position>;
  /** Removes a stream. It reads as empty; a later append goes on after its last revision. */
  remove(stream: string): Promise<void>;
  /** From that moment (ms since 1970) the stream reads as removed. */
  expire(stream: string, at: number): Promise<void>;
  /** Finishes accepted appends, then closes. */
  close(): Promise<void>;
}
