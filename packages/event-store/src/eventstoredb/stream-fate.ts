import { randomUUID } from 'node:crypto';
import { asProposedMetadata, createdAt, dataOf, revisionOf } from './codec.ts';
import type { EventStoreDbConnection } from './connection.ts';
import { WrongRevision } from './failures.ts';
import type { RecordedEvent } from './protocol.ts';
import { readStreamRequest } from './requests.ts';

/** Ours, beside the server's `$maxAge` and `$tb`: ms since 1970. */
const EXPIRES_AT = 'flexistreamExpiresAt';

interface Fate {
  /** Of the newest metadata, undefined when there is none. */
  readonly revision: number | undefined;
  readonly metadata: Readonly<Record<string, unknown>>;
}

/** What a stream's metadata says of its end. Streams here are named as the server knows them. */
export class StreamFate {
  readonly #connection: EventStoreDbConnection;
  readonly #deadlineMs: number;

  constructor(connection: EventStoreDbConnection, deadlineMs: number) {
    this.#connection = connection;
    this.#deadlineMs = deadlineMs;
  }

  async hasExpired(stream: string, now: number): Promise<boolean> {
    const { metadata } = await this.#read(stream);
    const at = metadata[EXPIRES_AT];
    return typeof at === 'number' && at <= now;
  }

  /**
   * Lets the server drop the events: `$maxAge` counts in seconds from each event's own time, so it is measured from the oldest one, and
   * that the younger ones go with it is kept as a moment beside it. What else the metadata holds stays: without `$tb` a former life of
   * the stream would read again.
   */
  async expire(stream: string, at: number, now: number): Promise<void> {
    for (;;) {
      const [fate, oldest] = await Promise.all([this.#read(stream), this.#oldest(stream)]);
      const from = oldest === undefined ? now : createdAt(oldest);
      const metadata = { ...fate.metadata, $maxAge: Math.max(1, Math.ceil((at - from) / 1_000)), [EXPIRES_AT]: at };
      if (isDeleted(fate)) return;
      try {
        await this.#connection.appends.send(
          { stream: metastream(stream), expect: fate.revision ?? 'no-stream', events: [asProposedMetadata(randomUUID(), metadata)] },
          this.#deadlineMs,
        );
        return;
      } catch (error) {
        if (!(error instanceof WrongRevision)) throw error; // else it was changed meanwhile: look again
      }
    }
  }

  async #read(stream: string): Promise<Fate> {
    const [newest] = await this.#events(metastream(stream), 'backwards');
    if (newest === undefined) return { revision: undefined, metadata: {} };
    return { revision: revisionOf(newest), metadata: { ...dataOf(newest) } };
  }

  async #oldest(stream: string): Promise<RecordedEvent | undefined> {
    return (await this.#events(stream, 'forwards'))[0];
  }

  async #events(stream: string, direction: 'forwards' | 'backwards'): Promise<readonly RecordedEvent[]> {
    const responses = await this.#connection.read(readStreamRequest(stream, { direction, limit: 1 }), this.#deadlineMs);
    return responses.flatMap((response) => response.getEvent()?.getEvent() ?? []);
  }
}

const metastream = (stream: string): string => `$$${stream}`;

/** A soft deletion sets `$tb` to the last number of 64 bits (EventStore, StorageWriterService.cs, WriteDelete). */
const isDeleted = ({ metadata }: Fate): boolean => typeof metadata.$tb === 'number' && metadata.$tb > Number.MAX_SAFE_INTEGER;
