import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { asThrown, type Outcome } from './outcome.ts';
import type { OpenProgram, Program } from './program.ts';

export interface Operation {
  readonly name: string;
  readonly input: unknown;
}

export interface GroupCommitOptions {
  readonly file: string;
  readonly open: OpenProgram;
  /** Pages kept in memory, in KiB; only pages that are used count. */
  readonly cacheKib: number;
}

/** A transaction that stays open longer than this belongs to a stranger, e.g. an operator's tool. */
const BUSY_MS = 5_000;
/** 16 MiB of 4 KiB pages: rare checkpoints, and still a WAL that a start reads through in no time. */
const CHECKPOINT_PAGES = 4_000;

/**
 * The one writer of one file. A batch is one transaction, each operation in a savepoint of its own, and what it answers is durable.
 * After a failed COMMIT nobody knows what this handle stands on: it refuses everything from then on (design §3).
 */
export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #program: Program;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  readonly #undo: StatementSync;
  #broken: string | undefined;

  constructor({ file, open, cacheKib }: GroupCommitOptions) {
    const database = new DatabaseSync(file, { timeout: BUSY_MS });
    try {
      // The checkpoint is for what a crash left in the WAL: there may be erased things among it.
      database.exec(`
        PRAGMA journal_mode=WAL;
        PRAGMA synchronous=FULL;
        PRAGMA secure_delete=ON;
        PRAGMA temp_store=MEMORY;
        PRAGMA cache_size=-${cacheKib};
        PRAGMA wal_autocheckpoint=${CHECKPOINT_PAGES};
        PRAGMA wal_checkpoint(TRUNCATE);
      `);
      this.#program = open(database);
    } catch (error) {
      database.close();
      throw error;
    }
    this.#database = database;
    this.#begin = database.prepare('BEGIN IMMEDIATE');
    this.#commit = database.prepare('COMMIT');
    this.#savepoint = database.prepare('SAVEPOINT operation');
    this.#release = database.prepare('RELEASE operation');
    this.#undo = database.prepare('ROLLBACK TO operation');
  }

  run(operations: readonly Operation[]): readonly Outcome[] {
    if (this.#broken !== undefined) return this.#lost(operations, this.#broken);
    try {
      this.#begin.run();
    } catch (error) {
      return this.#lost(operations, `no transaction: ${reason(error)}`); // nothing was written: the next batch may do better
    }
    try {
      const outcomes = operations.map((operation) => this.#execute(operation));
      this.#program.beforeCommit?.();
      this.#commit.run();
      return outcomes;
    } catch (error) {
      this.#broken = `a transaction failed: ${reason(error)}`;
      if (this.#database.isTransaction) this.#abandon();
      return this.#lost(operations, this.#broken);
    }
  }

  /** Moves everything from the WAL into the database and empties it, so that what was erased is in no file any more. */
  truncate(): Outcome {
    try {
      const result = this.#database.prepare('PRAGMA wal_checkpoint(TRUNCATE)').get();
      return result?.busy === 0 ? { done: undefined } : { lost: 'the WAL is being read' };
    } catch (error) {
      return { lost: `the WAL was not truncated: ${reason(error)}` };
    }
  }

  close(): void {
    if (this.#database.isOpen) this.#database.close();
  }

  #execute({ name, input }: Operation): Outcome {
    this.#savepoint.run();
    try {
      const operation = this.#program.operations[name] as ((input: unknown) => unknown) | undefined;
      if (operation === undefined) throw new TypeError(`no operation ${name}`);
      const done = operation(input);
      this.#release.run();
      return { done };
    } catch (error) {
      if (!this.#database.isTransaction) throw error; // the engine itself gave up on the transaction, e.g. a full disk
      this.#undo.run();
      this.#release.run();
      return { failed: asThrown(error) };
    }
  }

  #abandon(): void {
    try {
      this.#database.exec('ROLLBACK');
    } catch {
      // nothing is answered from this handle any more, and the next start reads what the disk holds
    }
  }

  #lost(operations: readonly Operation[], lost: string): readonly Outcome[] {
    return operations.map(() => ({ lost }));
  }
}

const reason = (error: unknown): string => asThrown(error).message;
