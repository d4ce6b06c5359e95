import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Position } from '@flexistream/kernel';
import { moved } from './moved.ts';
import { type Named, tableOf } from './tables.ts';
import type { WriteColumns } from './write-columns.ts';

interface TableStatements {
  readonly read: StatementSync;
  readonly write: StatementSync;
  readonly remove: StatementSync;
}

/** The writer's statements on the tables of documents, each prepared once. */
export class DocumentTables {
  readonly #database: DatabaseSync;
  readonly #tables = new Map<string, TableStatements>();
  readonly #register: StatementSync;
  readonly #unregister: StatementSync;
  readonly #collections: StatementSync;
  readonly #indexes: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#register = database.prepare('INSERT INTO collections (name, version, collection) VALUES (?, ?, ?) ON CONFLICT DO NOTHING');
    this.#unregister = database.prepare('DELETE FROM collections WHERE name = ? AND version = ?');
    this.#collections = database.prepare('SELECT collection FROM collections WHERE name = ? AND version = ?');
    this.#indexes = database.prepare(`SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`);
  }

  register({ name, version }: Named, collection: string): void {
    this.#register.run(name, version, collection);
  }

  unregister({ name, version }: Named): void {
    this.#unregister.run(name, version);
  }

  collectionsOf({ name, version }: Named): readonly string[] {
    return (this.#collections.all(name, version) as { collection: string }[]).map(({ collection }) => collection);
  }

  indexesOf(projection: Named, collection: string): readonly string[] {
    return (this.#indexes.all(tableOf(projection, collection).slice(1, -1)) as { name: string }[]).map(({ name }) => name);
  }

  /** JSON of the document. */
  read(projection: Named, collection: string, id: string): string | undefined {
    return (this.#statements(projection, collection).read.get(id) as { body: string } | undefined)?.body;
  }

  put(projection: Named, collection: string, id: string, position: Position, body: string): void {
    this.#statements(projection, collection).write.run(id, position, body);
  }

  drop(projection: Named, collection: string, id: string): void {
    this.#statements(projection, collection).remove.run(id);
  }

  write(projection: Named, { collection, ids, positions, bodies }: WriteColumns): void {
    const { write, remove } = this.#statements(projection, collection);
    for (let row = 0; row < ids.length; row++) {
      const id = ids[row] ?? '';
      const body = bodies[row] ?? null;
      if (body === null) remove.run(id);
      else write.run(id, positions[row] ?? 0, body);
    }
  }

  /** @throws when a document is not the one that was read. */
  expect(projection: Named, { collection, ids, seen = [] }: WriteColumns): void {
    const { read } = this.#statements(projection, collection);
    for (const [row, id] of ids.entries()) {
      if (((read.get(id) as { position: number } | undefined)?.position ?? 0) !== seen[row]) throw moved();
    }
  }

  /** Before its tables are dropped. */
  forgetStatements(projection: Named): void {
    for (const collection of this.collectionsOf(projection)) this.#tables.delete(tableOf(projection, collection));
  }

  #statements(projection: Named, collection: string): TableStatements {
    const table = tableOf(projection, collection);
    const kept = this.#tables.get(table);
    if (kept !== undefined) return kept;
    const prepared = {
      read: this.#database.prepare(`SELECT position, body FROM ${table} WHERE id = ?`),
      write: this.#database.prepare(
        `INSERT INTO ${table} (id, position, body) VALUES (?, ?, ?)
         ON CONFLICT DO UPDATE SET position = excluded.position, body = excluded.body`,
      ),
      remove: this.#database.prepare(`DELETE FROM ${table} WHERE id = ?`),
    };
    this.#tables.set(table, prepared);
    return prepared;
  }
}
