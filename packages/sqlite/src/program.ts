import type { DatabaseSync } from 'node:sqlite';

/**
 * What may be written to one file, as a table of functions. Input and result cross a thread by structured clone: plain values,
 * best strings and numbers. A function that throws is undone alone; the error keeps its `code`, its message and its plain fields.
 */
export type Operations = Readonly<Record<string, (input: never) => unknown>>;

/**
 * What a file holds and how it is written. It is loaded by the writer, from a module of its own that imports little: the writer
 * thread pays memory for every import.
 */
export interface Program<O extends Operations = Operations> {
  readonly operations: O;
  /** Called once a transaction, before its COMMIT: for what many operations share. When it throws, the whole batch fails. */
  readonly beforeCommit?: () => void;
}

/** The export `open` of a program's module: makes the tables, prepares and keeps the statements. */
export type OpenProgram<O extends Operations = Operations> = (database: DatabaseSync) => Program<O>;

/** Runs a part of an operation that may fail without failing the whole: its writes are undone, its error is thrown. */
export const inSavepoint = <T>(database: DatabaseSync, work: () => T): T => {
  database.exec('SAVEPOINT part');
  try {
    const result = work();
    database.exec('RELEASE part');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK TO part; RELEASE part');
    throw error;
  }
};
