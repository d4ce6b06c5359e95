import type { Clock } from '@flexistream/kernel';
import { type Database, openDatabase, type Writer } from '@flexistream/sqlite';
import type { BusOperations } from './program.ts';
import type { LogEntry, NewEntry, Offset, ParkedEntry, TopicLog } from './topic-log.ts';

/** So many at once that trimming a long log stops no publication. */
const TRIMMED_AT_ONCE = 500;

export class SqliteTopicLog implements TopicLog {
  readonly #database: Database<BusOperations>;
  readonly #clock: Clock;

  private constructor(database: Database<BusOperations>, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  static async open(file: string, writer: Writer, clock: Clock): Promise<SqliteTopicLog> {
    const program = new URL('./program.ts', import.meta.url);
    return new SqliteTopicLog(await openDatabase<BusOperations>({ file, writer, program, cacheKib: 1_024 }), clock);
  }

  publish(topic: string, entries: readonly NewEntry[]): Promise<void> {
    return this.#database.run('publish', { topic, entries, at: this.#clock() });
  }

  async read(topic: string, after: number, limit: number): Promise<readonly LogEntry[]> {
    const select = 'SELECT position, key, body FROM entries WHERE topic = ? AND position > ? ORDER BY position LIMIT ?';
    return this.#database.reader.all<{ position: number; key: string; body: string }>(select, topic, after, limit);
  }

  async head(topic: string): Promise<number> {
    const row = this.#database.reader.get<{ head: number | null }>('SELECT max(position) AS head FROM entries WHERE topic = ?', topic);
    return row?.head ?? 0;
  }

  async end(): Promise<number> {
    return this.#database.reader.get<{ seq: number }>("SELECT seq FROM sqlite_sequence WHERE name = 'entries'")?.seq ?? 0;
  }

  join(group: string, topic: string): Promise<number> {
    return this.#database.run('join', { group, topic });
  }

  rewind(group: string): Promise<void> {
    return this.#database.run('rewind', group);
  }

  commit(offset: Offset, parked?: ParkedEntry): Promise<void> {
    return this.#database.run('commit', parked === undefined ? { offset } : { offset, parked });
  }

  async parked(group: string): Promise<readonly ParkedEntry[]> {
    type Row = { group: string; topic: string; position: number; key: string; body: string; error: string };
    const select = 'SELECT consumers AS "group", topic, position, key, body, error FROM parked WHERE consumers = ? ORDER BY position';
    return this.#database.reader.all<Row>(select, group);
  }

  unpark(entry: ParkedEntry): Promise<void> {
    return this.#database.run('unpark', entry);
  }

  repark(entry: ParkedEntry): Promise<void> {
    return this.#database.run('repark', entry);
  }

  async trim(before: number): Promise<void> {
    while ((await this.#database.run('trim', { before, limit: TRIMMED_AT_ONCE })) === TRIMMED_AT_ONCE);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}
