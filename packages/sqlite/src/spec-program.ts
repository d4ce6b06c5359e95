import type { DatabaseSync } from 'node:sqlite';
import { inSavepoint, type Program } from './program.ts';

/** A small program for the specs of writers. */
export type SpecOperations = {
  /** Answers the number of the transaction that it is written in. */
  readonly keep: (text: string) => number;
  readonly keepThenThrow: (text: string) => never;
  readonly keepHalf: (text: string) => string;
  readonly forget: (text: string) => void;
  /** Writes what only the COMMIT itself will refuse. */
  readonly spoilCommit: (input: null) => void;
  readonly pragma: (name: string) => unknown;
  readonly endThread: (input: null) => void;
};

export const open = (database: DatabaseSync): Program<SpecOperations> => {
  database.exec(`
    PRAGMA foreign_keys=ON;
    CREATE TABLE IF NOT EXISTS texts (text TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS orphans (parent INTEGER REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
    CREATE TABLE IF NOT EXISTS parents (id INTEGER PRIMARY KEY);
  `);
  const insert = database.prepare('INSERT INTO texts (text) VALUES (?)');
  const remove = database.prepare('DELETE FROM texts WHERE text = ?');
  let transactions = 0;
  return {
    operations: {
      keep: (text) => {
        insert.run(text);
        return transactions;
      },
      keepThenThrow: (text) => {
        insert.run(text);
        throw Object.assign(new Error('not this one'), { code: 'spec/refused', stream: 'a-1', hidden: { not: 'plain' } });
      },
      keepHalf: (text) => {
        insert.run(`${text} first`);
        try {
          inSavepoint(database, () => {
            insert.run(`${text} second`);
            throw new Error('undone');
          });
        } catch (error) {
          return error instanceof Error ? error.message : '';
        }
        return 'nothing was thrown';
      },
      forget: (text) => {
        remove.run(text);
      },
      spoilCommit: () => database.exec('INSERT INTO orphans (parent) VALUES (1)'),
      pragma: (name) => database.prepare(`PRAGMA ${name}`).get()?.[name],
      endThread: () => process.exit(1),
    },
    beforeCommit: () => {
      transactions++;
    },
  };
};
