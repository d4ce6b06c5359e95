import type { DatabaseSync } from 'node:sqlite';
import type { Appended, ExpectedRevision } from '@flexistream/kernel';
import type { Program } from '@flexistream/sqlite/program';
import type { Alongside } from '../port.ts';
import { logSchema } from './schema.ts';
import { streamHash } from './stream-hash.ts';

/** An event as it crosses to the writer: id, type, schema version, data and metadata as JSON. */
export type EventRow = readonly [id: string, type: string, schema: number, data: string, metadata: string];

export interface AppendInput {
  readonly stream: string;
  readonly expect: ExpectedRevision;
  readonly events: readonly EventRow[];
  readonly alongside: Alongside | undefined;
  /** Milliseconds since 1970: streams that end before it count as removed. */
  readonly now: number;
}

/** Hears of every append, in its transaction, and writes what inline projections make of it. It must not throw for a fault of a projection. */
export interface AlongsideWriter {
  write(append: {
    readonly stream: string;
    readonly first: number;
    readonly last: number;
    readonly alongside: Alongside | undefined;
  }): void;
}

export interface SweepInput {
  readonly now: number;
  readonly limit: number;
}

/** A type, not an interface: only so is it a table of operations to the compiler. */
export type LogOperations = {
  readonly append: (input: AppendInput) => Appended;
  readonly remove: (stream: string) => void;
  readonly expire: (input: { readonly stream: string; readonly at: number }) => void;
  /** Removes streams that have expired; answers how many, at most `limit`. */
  readonly sweep: (input: SweepInput) => number;
};

/** The writer's side of the event log. Only this connection writes, so what it reads inside its transaction is the truth. */
export const logProgram = (database: DatabaseSync, makeViews?: (database: DatabaseSync) => AlongsideWriter): Program<LogOperations> => {
  database.exec(logSchema);
  const log = new Log(database, makeViews?.(database));
  return {
    operations: {
      append: (input: AppendInput) => log.append(input),
      remove: (stream: string) => log.remove(stream),
      expire: (input: { stream: string; at: number }) => log.expire(input.stream, input.at),
      sweep: (input: SweepInput) => log.sweep(input),
    },
  };
};

interface Extent {
  /** The lowest revision that can be read or written. */
  readonly first: number;
  /** Of the newest event; undefined while the stream reads as empty. */
  readonly last: number | undefined;
}

class Log {
  readonly #views: AlongsideWriter | undefined;
  readonly #statements: ReturnType<typeof prepare>;
  /** The newest position that was ever given out, whether its event is still there or not. */
  #position: number;

  constructor(database: DatabaseSync, views: AlongsideWriter | undefined) {
    this.#statements = prepare(database);
    this.#views = views;
    this.#position = (this.#statements.newest.get() as { position: number }).position;
  }

  append({ stream, expect, events, alongside, now }: AppendInput): Appended {
    const hash = streamHash(stream);
    const extent = this.#extent(hash, stream, now);
    if (!fits(expect, extent.last)) return this.#repeated(hash, stream, expect, extent, events);
    const first = this.#position + 1;
    let revision = extent.last ?? extent.first - 1;
    for (const [id, type, schema, data, metadata] of events) {
      this.#position++;
      revision++;
      this.#statements.insert.run(this.#position, hash, revision, stream, id, type, schema, data, metadata);
    }
    this.#views?.write({ stream, first, last: this.#position, alongside });
    return { revision, position: this.#position };
  }

  remove(stream: string): void {
    this.#remove(streamHash(stream), stream);
  }

  expire(stream: string, at: number): void {
    this.#statements.setExpiry.run(streamHash(stream), stream, at);
  }

  sweep({ now, limit }: SweepInput): number {
    const ended = this.#statements.ended.all(now, limit) as { stream: string }[];
    for (const { stream } of ended) this.remove(stream);
    return ended.length;
  }

  #extent(hash: bigint, stream: string, now: number): Extent {
    const fate = this.#statements.fate.get(hash, stream) as { first: number; expires_at: number | null } | undefined;
    if (fate !== undefined && fate.expires_at !== null && fate.expires_at <= now) {
      return { first: this.#remove(hash, stream), last: undefined };
    }
    const last = (this.#statements.last.get(hash, stream) as { revision: number } | undefined)?.revision;
    return { first: fate?.first ?? 0, last };
  }

  /** Answers the first revision of whatever follows. */
  #remove(hash: bigint, stream: string): number {
    const last = (this.#statements.last.get(hash, stream) as { revision: number } | undefined)?.revision;
    const fate = this.#statements.fate.get(hash, stream) as { first: number } | undefined;
    const first = last === undefined ? (fate?.first ?? 0) : last + 1;
    if (last !== undefined) {
      this.#statements.removeEvents.run(hash, stream);
      this.#statements.mark.run(this.#position); // else a position could be given out twice after a restart
    }
    if (last !== undefined || fate !== undefined) this.#statements.setFirst.run(hash, stream, first);
    return first;
  }

  /** On a conflict: are these very events what stands after the expected revision? Then it is a resend (design §4). */
  #repeated(hash: bigint, stream: string, expect: ExpectedRevision, extent: Extent, events: readonly EventRow[]): Appended {
    const after = expect === 'no-stream' ? extent.first - 1 : expect;
    if (typeof after !== 'number') throw conflict(stream);
    let answer: Appended | undefined;
    for (const [index, [id]] of events.entries()) {
      const revision = after + 1 + index;
      const stored = this.#statements.at.get(hash, revision, stream) as { id: string; position: number } | undefined;
      if (stored?.id !== id) throw conflict(stream);
      answer = { revision, position: stored.position };
    }
    if (answer === undefined) throw conflict(stream);
    return answer;
  }
}

const fits = (expect: ExpectedRevision, last: number | undefined): boolean => {
  switch (expect) {
    case 'any':
      return true;
    case 'no-stream':
      return last === undefined;
    case 'stream-exists':
      return last !== undefined;
    default:
      return last === expect;
  }
};

/** The kernel's Conflict without the kernel: a thread carries the code, and the program should load little. */
const conflict = (stream: string): Error => Object.assign(new Error('a stream has moved on'), { code: 'event-store/conflict', stream });

const prepare = (database: DatabaseSync) => ({
  newest: database.prepare(
    `SELECT max(coalesce((SELECT max(position) FROM events), 0), coalesce((SELECT position FROM marks WHERE name = 'removed'), 0)) AS position`,
  ),
  fate: database.prepare('SELECT first, expires_at FROM fates WHERE stream_hash = ? AND stream = ?'),
  last: database.prepare('SELECT revision FROM events WHERE stream_hash = ? AND stream = ? ORDER BY revision DESC LIMIT 1'),
  at: database.prepare('SELECT id, position FROM events WHERE stream_hash = ? AND revision = ? AND stream = ?'),
  insert: database.prepare(
    'INSERT INTO events (position, stream_hash, revision, stream, id, type, schema, data, metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
  ),
  removeEvents: database.prepare('DELETE FROM events WHERE stream_hash = ? AND stream = ?'),
  setFirst: database.prepare(
    `INSERT INTO fates (stream_hash, stream, first) VALUES (?, ?, ?)
     ON CONFLICT DO UPDATE SET first = excluded.first, expires_at = NULL`,
  ),
  setExpiry: database.prepare(
    `INSERT INTO fates (stream_hash, stream, first, expires_at) VALUES (?, ?, 0, ?)
     ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at`,
  ),
  ended: database.prepare('SELECT stream FROM fates WHERE expires_at <= ? ORDER BY expires_at LIMIT ?'),
  mark: database.prepare(`INSERT INTO marks (name, position) VALUES ('removed', ?) ON CONFLICT DO UPDATE SET position = excluded.position`),
});
