import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { AlongsideWriter } from '@flexistream/event-store/embedded/program';
import type { Position } from '@flexistream/kernel';
import { inSavepoint } from '@flexistream/sqlite/program';
import { changed } from '../change.ts';
import { describeFailure } from '../failure.ts';
import type { Change } from '../port.ts';
import type { InlineRow } from './inline-row.ts';
import type { Named } from './tables.ts';
import type { ViewsParts } from './views-program.ts';

/**
 * Writes what inline projections make of an append, in its transaction, each projection in a savepoint of its own: one that fails is
 * undone and parked, the append stands (design §3). A projection that is still behind the log (new, or being rebuilt) takes
 * nothing here: it will meet the event on its way.
 */
export class InlineWriter implements AlongsideWriter {
  readonly #database: DatabaseSync;
  readonly #views: ViewsParts;
  readonly #anyBetween: StatementSync;

  constructor(database: DatabaseSync, views: ViewsParts) {
    this.#database = database;
    this.#views = views;
    this.#anyBetween = database.prepare('SELECT 1 FROM events WHERE position > ? AND position < ? LIMIT 1');
  }

  write({ stream, first, last, alongside }: Parameters<AlongsideWriter['write']>[0]): void {
    const rows = (alongside ?? []) as readonly InlineRow[];
    const isBehind = (checkpoint: Position) => this.#anyBetween.get(checkpoint, first) !== undefined;
    for (const state of this.#views.states.inlineAt(first - 1, isBehind)) {
      const row = rows.find(({ name, version }) => name === state.name && version === state.version);
      if (row !== undefined) this.#project(row, stream, first, last, state.parked.has(stream));
      this.#views.states.reach(state, last);
    }
  }

  #project(row: InlineRow, stream: string, first: Position, last: Position, waits: boolean): void {
    if (waits || row.parked !== undefined) {
      this.#park(row, stream, first, last, row.parked ?? 'waits for an earlier event of its stream');
      return;
    }
    try {
      inSavepoint(this.#database, () => this.#change(row, first));
    } catch (error) {
      if (!this.#database.isTransaction) throw error; // the engine gave up on the whole transaction
      this.#park(row, stream, first, last, describeFailure(error));
    }
  }

  #change(row: InlineRow, first: Position): void {
    for (const [index, changes] of row.changes.entries()) {
      for (const [op, collection, id, json] of changes) this.#changeDocument(row, first + index, op, collection, id, json);
    }
  }

  #changeDocument(projection: Named, position: Position, op: Change['op'], collection: string, id: string, json: string): void {
    const { documents } = this.#views;
    if (op === 'put') documents.put(projection, collection, id, position, json);
    else if (op === 'drop') documents.drop(projection, collection, id);
    else {
      const body = documents.read(projection, collection, id);
      const after = changed(body === undefined ? undefined : JSON.parse(body), { op, collection, id, fields: JSON.parse(json) });
      if (after !== undefined) documents.put(projection, collection, id, position, JSON.stringify(after));
    }
  }

  #park(projection: Named, stream: string, first: Position, last: Position, error: string): void {
    for (let position = first; position <= last; position++) this.#views.states.park(projection, position, stream, error);
  }
}
