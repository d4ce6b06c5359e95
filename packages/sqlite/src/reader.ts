import { existsSync, statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { Unavailable } from '@flexistream/kernel';

export type Row = Record<string, SQLOutputValue>;

/** Statements beyond this many are prepared anew each time: only queries with many shapes come near it. */
const KEPT_STATEMENTS = 500;

/** A read-only connection in the main thread, its statements kept. Each query sees everything that was committed before it. */
export class Reader {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(file: string | URL, cacheKib: number) {
    this.#database = new DatabaseSync(file, { readOnly: true, timeout: 5_000 });
    this.#database.exec(`PRAGMA cache_size=-${cacheKib}; PRAGMA temp_store=MEMORY`);
  }

  /** @throws Unavailable when closed. */
  get<R extends Row>(sql: string, ...values: SQLInputValue[]): R | undefined {
    return this.#prepared(sql).get(...values) as R | undefined;
  }

  /** @throws Unavailable when closed. */
  all<R extends Row>(sql: string, ...values: SQLInputValue[]): R[] {
    return this.#prepared(sql).all(...values) as R[];
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
    this.#statements.clear();
  }

  #prepared(sql: string): StatementSync {
    if (!this.#database.isOpen) throw new Unavailable('the store is closed');
    const kept = this.#statements.get(sql);
    if (kept !== undefined) return kept;
    const statement = this.#database.prepare(sql);
    if (this.#statements.size < KEPT_STATEMENTS) this.#statements.set(sql, statement);
    return statement;
  }
}

const AT_REST_KIB = 8_192;

/**
 * Reads a file that no process has open and that stays as it is, `-shm` apart where a crash has left a WAL to look through.
 * The caller holds the folder.
 */
export const openAtRest = (file: string): Reader => {
  const wal = `${file}-wal`;
  if (existsSync(wal) && statSync(wal).size > 0) return new Reader(file, AT_REST_KIB);
  const untouched = pathToFileURL(file);
  untouched.searchParams.set('immutable', '1'); // else SQLite leaves an empty WAL beside it
  return new Reader(untouched, AT_REST_KIB);
};
