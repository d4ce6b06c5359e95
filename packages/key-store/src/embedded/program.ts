import type { DatabaseSync } from 'node:sqlite';
import type { Program } from '@flexistream/sqlite/program';
import { type Created, Destroyed, type KeyRecord } from '../port.ts';
import { recordOf } from './record-row.ts';

export type KeyStoreOperations = {
  create(record: KeyRecord): Created;
  setOwner(ownership: { readonly id: string; readonly owner: string }): boolean;
  destroy(id: string): void;
};

/** What is destroyed leaves its bare id in `destroyed`, so that it is never given out again. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS records (id TEXT NOT NULL UNIQUE, hash TEXT UNIQUE, owner TEXT, body BLOB NOT NULL) STRICT;
  CREATE INDEX IF NOT EXISTS records_by_owner ON records (owner) WHERE owner IS NOT NULL;
  CREATE TABLE IF NOT EXISTS destroyed (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
`;

/** With all that it owns, and that these own. */
const FAMILY = `
  WITH RECURSIVE family(id) AS (VALUES (?) UNION SELECT records.id FROM records JOIN family ON records.owner = family.id)
`;

export const open = (database: DatabaseSync): Program<KeyStoreOperations> => {
  database.exec(TABLES);
  const insert = database.prepare('INSERT INTO records (id, hash, owner, body) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING');
  const standing = database.prepare('SELECT * FROM records WHERE id = ?1 UNION ALL SELECT * FROM records WHERE hash = ?2 LIMIT 1');
  const own = database.prepare('UPDATE records SET owner = ? WHERE id = ? AND owner IS NULL');
  const destroyed = database.prepare('SELECT 1 FROM destroyed WHERE id IN (?, ?)');
  const mark = database.prepare(`${FAMILY} INSERT OR IGNORE INTO destroyed SELECT id FROM family`);
  const remove = database.prepare(`${FAMILY} DELETE FROM records WHERE id IN (SELECT id FROM family)`);

  const refuseDestroyed = (id: string, owner: string | undefined): void => {
    if (destroyed.get(id, owner ?? id) !== undefined) throw new Destroyed('what was destroyed does not come back');
  };

  return {
    operations: {
      create(record) {
        refuseDestroyed(record.id, record.owner);
        const { changes } = insert.run(record.id, record.hash ?? null, record.owner ?? null, record.body);
        if (changes === 1) return { created: true, record };
        return { created: false, record: recordOf(standing.get(record.id, record.hash ?? null)) ?? record };
      },
      setOwner({ id, owner }) {
        refuseDestroyed(owner, undefined);
        return own.run(owner, id).changes === 1;
      },
      destroy(id) {
        mark.run(id);
        remove.run(id);
      },
    },
  };
};
