import { DatabaseSync } from 'node:sqlite';

export interface ProposedRecord {
  readonly id: string;
  readonly type: string;
  readonly contentType: string;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface LogRecord extends ProposedRecord {
  /** Where it stands in the log. */
  readonly position: number;
  /** Where the first event of its append stands. */
  readonly transaction: number;
  readonly stream: string;
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

type Row = { [column in keyof LogRecord]: LogRecord[column] };

const COLUMNS =
  'position, transaction_position AS "transaction", stream, revision, id, type, content_type AS contentType, data, metadata, created';

/** The log on disk. Positions grow by what a record takes, as in a real log, so nobody can count on neighbours. */
export class RecordLog {
  readonly #database: DatabaseSync;
  readonly #statements: ReturnType<typeof prepare>;
  #end: number;

  constructor(file: string) {
    this.#database = new DatabaseSync(file);
    this.#database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
    this.#database.exec(`
      CREATE TABLE IF NOT EXISTS records (
        position INTEGER PRIMARY KEY, transaction_position INTEGER NOT NULL, stream TEXT NOT NULL, revision INTEGER NOT NULL,
        id TEXT NOT NULL, type TEXT NOT NULL, content_type TEXT NOT NULL, data BLOB NOT NULL, metadata BLOB NOT NULL, created INTEGER NOT NULL
      ) STRICT;
      CREATE UNIQUE INDEX IF NOT EXISTS by_stream ON records (stream, revision);
    `);
    this.#statements = prepare(this.#database);
    const newest = this.#statements.newest.get() as Row | undefined;
    this.#end = newest === undefined ? 1_000 : newest.position + sizeOf(newest);
  }

  /** A server that was stopped has calls under way, which find nothing any more. */
  get isOpen(): boolean {
    return this.#database.isOpen;
  }

  /** All of `work` becomes durable at once. */
  transaction(work: () => void): void {
    this.#database.exec('BEGIN IMMEDIATE');
    work();
    this.#database.exec('COMMIT');
  }

  append(stream: string, events: readonly ProposedRecord[], created: number): LogRecord {
    const transaction = this.#end;
    let revision = this.lastRevision(stream);
    let last: LogRecord | undefined;
    for (const event of events) {
      revision++;
      last = { ...event, stream, revision, created, transaction, position: this.#end };
      const { id, type, contentType, data, metadata } = event;
      this.#statements.insert.run(this.#end, transaction, stream, revision, id, type, contentType, data, metadata, created);
      this.#end += sizeOf(event);
    }
    if (last === undefined) throw new RangeError('an append of nothing');
    return last;
  }

  /** -1 when the stream holds nothing. */
  lastRevision(stream: string): number {
    return (this.#statements.last.get(stream) as { revision: number } | undefined)?.revision ?? -1;
  }

  at(stream: string, revision: number): LogRecord | undefined {
    return this.#statements.at.get(stream, revision) as Row | undefined;
  }

  ofStream(stream: string, from: number, to: number): readonly LogRecord[] {
    return this.#statements.range.all(stream, from, to) as Row[];
  }

  after(position: number, limit: number): readonly LogRecord[] {
    return this.#statements.after.all(position, limit) as Row[];
  }

  before(position: number, limit: number): readonly LogRecord[] {
    return this.#statements.before.all(position, limit) as Row[];
  }

  close(): void {
    this.#database.close();
  }
}

const sizeOf = ({ type, data, metadata }: ProposedRecord): number => 64 + type.length + data.length + metadata.length;

const prepare = (database: DatabaseSync) => ({
  newest: database.prepare(`SELECT ${COLUMNS} FROM records ORDER BY position DESC LIMIT 1`),
  last: database.prepare('SELECT revision FROM records WHERE stream = ? ORDER BY revision DESC LIMIT 1'),
  at: database.prepare(`SELECT ${COLUMNS} FROM records WHERE stream = ? AND revision = ?`),
  range: database.prepare(`SELECT ${COLUMNS} FROM records WHERE stream = ? AND revision BETWEEN ? AND ? ORDER BY revision`),
  after: database.prepare(`SELECT ${COLUMNS} FROM records WHERE position > ? ORDER BY position LIMIT ?`),
  before: database.prepare(`SELECT ${COLUMNS} FROM records WHERE position < ? ORDER BY position DESC LIMIT ?`),
  insert: database.prepare('INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)'),
});
