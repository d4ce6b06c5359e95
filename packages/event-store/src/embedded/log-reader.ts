import type { Position, StoredEvent } from '@flexistream/kernel';
import type { Reader } from '@flexistream/sqlite';
import type { ReadAllOptions, ReadOptions } from '../port.ts';
import { streamHash } from './stream-hash.ts';

const COLUMNS = 'position, revision, stream, id, type, schema, data, metadata';

type EventColumns = {
  readonly position: number;
  readonly revision: number;
  readonly stream: string;
  readonly id: string;
  readonly type: string;
  readonly schema: number;
  readonly data: string;
  readonly metadata: string;
};

/** The reading side of the log, in the main thread. */
export class LogReader {
  readonly #reader: Reader;
  constructor(reader: Reader) {
    this.#reader = reader;
  }

  stream(stream: string, { from, direction = 'forwards', limit = -1 }: ReadOptions, now: number): StoredEvent[] {
    const hash = streamHash(stream);
    if (this.#hasExpired(hash, stream, now)) return [];
    const rows =
      direction === 'forwards'
        ? this.#reader.all<EventColumns>(
            `SELECT ${COLUMNS} FROM events WHERE stream_hash = ? AND stream = ? AND revision >= ? ORDER BY revision LIMIT ?`,
            hash,
            stream,
            from ?? 0,
            limit,
          )
        : this.#reader.all<EventColumns>(
            `SELECT ${COLUMNS} FROM events WHERE stream_hash = ? AND stream = ? AND revision <= ? ORDER BY revision DESC LIMIT ?`,
            hash,
            stream,
            from ?? Number.MAX_SAFE_INTEGER,
            limit,
          );
    return rows.map(asEvent);
  }

  all({ after, limit }: ReadAllOptions): StoredEvent[] {
    return this.#reader
      .all<EventColumns>(`SELECT ${COLUMNS} FROM events WHERE position > ? ORDER BY position LIMIT ?`, after, limit)
      .map(asEvent);
  }

  head(): Position {
    return this.#reader.get<{ position: number }>('SELECT coalesce(max(position), 0) AS position FROM events')?.position ?? 0;
  }

  /** As the writer reckons it: removed events leave a mark (see logSchema). */
  end(): Position {
    const marked = this.#reader.get<{ position: number }>(`SELECT position FROM marks WHERE name = 'removed'`)?.position ?? 0;
    return Math.max(marked, this.head());
  }

  #hasExpired(hash: bigint, stream: string, now: number): boolean {
    const fate = this.#reader.get<{ expires_at: number | null }>(
      'SELECT expires_at FROM fates WHERE stream_hash = ? AND stream = ?',
      hash,
      stream,
    );
    return fate !== undefined && fate.expires_at !== null && fate.expires_at <= now;
  }
}

const asEvent = ({ position, revision, stream, id, type, schema, data, metadata }: EventColumns): StoredEvent => ({
  stream,
  revision,
  position,
  id,
  type,
  schema,
  data: JSON.parse(data),
  metadata: JSON.parse(metadata),
});
