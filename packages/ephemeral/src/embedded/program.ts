import type { DatabaseSync } from 'node:sqlite';
import type { Program } from '@flexistream/sqlite/program';

export interface DurableValue {
  readonly key: string;
  readonly value: string;
  /** Ms since 1970. */
  readonly expiresAt: number;
}

export interface Changes {
  readonly kept: readonly DurableValue[];
  readonly gone: readonly string[];
  /** What ended before this moment goes too. */
  readonly now: number;
}

export type EphemeralOperations = { write(changes: Changes): void };

export const open = (database: DatabaseSync): Program<EphemeralOperations> => {
  database.exec(`
    CREATE TABLE IF NOT EXISTS durable (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS durable_by_end ON durable (expires_at);
  `);
  const keep = database.prepare('INSERT OR REPLACE INTO durable (key, value, expires_at) VALUES (?, ?, ?)');
  const remove = database.prepare('DELETE FROM durable WHERE key = ?');
  const expire = database.prepare('DELETE FROM durable WHERE expires_at <= ?');
  return {
    operations: {
      write({ kept, gone, now }) {
        for (const { key, value, expiresAt } of kept) keep.run(key, value, expiresAt);
        for (const key of gone) remove.run(key);
        expire.run(now);
      },
    },
  };
};
