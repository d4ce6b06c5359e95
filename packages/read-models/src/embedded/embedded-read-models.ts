import type { Position } from '@flexistream/kernel';
import type { Database } from '@flexistream/sqlite';
import { foldBatch, foldLate, HeldDocuments, readsOf } from '../fold-batch.ts';
import type { Document, EventChanges, ParkedEvent, ProjectionRef, Query, ReadModels } from '../port.ts';
import { isMoved } from './moved.ts';
import { queryOf } from './query.ts';
import { tableOf } from './tables.ts';
import type { DeclareInput, ViewsOperations } from './views-program.ts';
import type { WriteColumns } from './write-columns.ts';

type DocumentRow = { readonly id: string; readonly position: number; readonly body: string };
type ParkedColumns = {
  readonly name: string;
  readonly version: number;
  readonly position: number;
  readonly key: string;
  readonly error: string;
};
type StateRow = { readonly checkpoint: number; readonly writes: number };

/**
 * Documents as JSON in SQLite. Batches are folded here, in the main thread, and written in one transaction with their checkpoint, so
 * each event is taken in exactly once; whoever folded on documents that have moved on meanwhile folds again.
 */
export class EmbeddedReadModels implements ReadModels {
  readonly #database: Database<ViewsOperations>;
  readonly #inline = new Set<string>();
  constructor(database: Database<ViewsOperations>) {
    this.#database = database;
  }

  async declare(projections: readonly ProjectionRef[]): Promise<void> {
    await this.#database.run('declare', projections.map(asInput));
    for (const projection of projections) if (projection.mode === 'inline') this.#inline.add(keyOf(projection));
  }

  /** True when the appends bring its changes. */
  isInline(projection: Pick<ProjectionRef, 'name' | 'version'>): boolean {
    return this.#inline.has(keyOf(projection));
  }

  async get<D extends Document>(projection: ProjectionRef, collection: string, id: string): Promise<D | undefined> {
    const row = this.#database.reader.get<{ body: string }>(`SELECT body FROM ${tableOf(projection, collection)} WHERE id = ?`, id);
    return row && JSON.parse(row.body);
  }

  async getMany<D extends Document>(
    projection: ProjectionRef,
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, D>> {
    return new Map(this.#read(projection, collection, ids).map(({ id, body }) => [id, JSON.parse(body)]));
  }

  async find<D extends Document>(projection: ProjectionRef, collection: string, query: Query): Promise<readonly D[]> {
    const { sql, values } = queryOf(projection, collection, query);
    return this.#database.reader.all<{ body: string }>(sql, ...values).map(({ body }) => JSON.parse(body));
  }

  async apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: Position): Promise<readonly ParkedEvent[]> {
    return unlessMoved(async () => {
      const expected = this.#state(projection);
      if (checkpoint <= expected.checkpoint) return []; // seen already
      const fresh = batch.filter(({ position }) => position > expected.checkpoint);
      const { columns, parked } = this.#fold(projection, fresh);
      await this.#database.run('apply', {
        ...named(projection),
        expected,
        checkpoint,
        columns,
        parked: parked.map(({ position, key, error }) => [position, key, error] as const),
      });
      if (columns.some(({ bodies }) => bodies.includes(null))) this.#database.truncateSoon();
      return parked;
    });
  }

  async checkpoint(projection: ProjectionRef): Promise<Position> {
    return this.#state(projection).checkpoint;
  }

  async beginRebuild(projection: ProjectionRef): Promise<void> {
    await this.#database.run('beginRebuild', asInput(projection));
  }

  async finishRebuild(projection: ProjectionRef): Promise<void> {
    await this.#database.run('finishRebuild', asInput(projection));
  }

  async parked(projection?: ProjectionRef): Promise<readonly ParkedEvent[]> {
    const { reader } = this.#database;
    const columns = 'SELECT name, version, position, key, error FROM parked';
    const rows =
      projection === undefined
        ? reader.all<ParkedColumns>(`${columns} ORDER BY position`)
        : reader.all<ParkedColumns>(`${columns} WHERE name = ? AND version = ? ORDER BY position`, projection.name, projection.version);
    return rows.map(({ name, ...rest }) => ({ projection: name, ...rest }));
  }

  async unpark(projection: ProjectionRef, events: readonly EventChanges[]): Promise<void> {
    await unlessMoved(async () => {
      const { writes } = this.#state(projection);
      const documents = this.#hold(projection, events, true);
      foldLate(events, documents);
      const positions = events.map(({ position }) => position);
      await this.#database.run('unpark', { ...named(projection), writes, positions, columns: asColumns(documents, { seen: true }) });
    });
  }

  async keepOnly(projections: readonly ProjectionRef[]): Promise<void> {
    await this.#database.run('keepOnly', projections.map(named));
    await this.#database.truncate(); // what older versions held must not outlive an erasure
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #fold(
    projection: ProjectionRef,
    batch: readonly EventChanges[],
    eachProven = false,
  ): { columns: WriteColumns[]; parked: readonly ParkedEvent[] } {
    const documents = this.#hold(projection, batch, false);
    const prove = eachProven ? JSON.stringify : undefined;
    const parked = foldBatch(projection, batch, documents, { parkedKeys: this.#parkedKeys(projection), prove });
    try {
      return { columns: asColumns(documents), parked };
    } catch (error) {
      if (eachProven) throw error;
      return this.#fold(projection, batch, true); // a document is no JSON: find the event that made it
    }
  }

  #hold(projection: ProjectionRef, batch: readonly EventChanges[], replaced: boolean): HeldDocuments {
    const documents = new HeldDocuments();
    for (const [collection, ids] of readsOf(batch, { replaced })) {
      for (const { id, position, body } of this.#read(projection, collection, [...ids])) {
        documents.hold(collection, id, { position, document: JSON.parse(body) });
      }
    }
    return documents;
  }

  #read(projection: ProjectionRef, collection: string, ids: readonly string[]): DocumentRow[] {
    if (ids.length === 0) return [];
    const sql = `SELECT id, position, body FROM ${tableOf(projection, collection)} WHERE id IN (SELECT value FROM json_each(?))`;
    return this.#database.reader.all<DocumentRow>(sql, JSON.stringify(ids));
  }

  #state({ name, version }: ProjectionRef): StateRow {
    const sql = 'SELECT checkpoint, writes FROM projections WHERE name = ? AND version = ?';
    const state = this.#database.reader.get<StateRow>(sql, name, version);
    if (state === undefined) throw new RangeError(`${name}@${version} was not declared`);
    return state;
  }

  #parkedKeys({ name, version }: ProjectionRef): string[] {
    const sql = 'SELECT DISTINCT key FROM parked WHERE name = ? AND version = ?';
    return this.#database.reader.all<{ key: string }>(sql, name, version).map(({ key }) => key);
  }
}

const keyOf = ({ name, version }: Pick<ProjectionRef, 'name' | 'version'>) => `${name}@${version}`;
const named = ({ name, version }: ProjectionRef) => ({ name, version });

/** A projection may carry functions, which do not cross a thread. */
const asInput = ({ name, version, collections, mode }: ProjectionRef): DeclareInput => ({
  name,
  version,
  collections: collections.map(({ name, indexes }) => ({ name, indexes })),
  inline: mode === 'inline',
});

const asColumns = (documents: HeldDocuments, { seen = false } = {}): WriteColumns[] => {
  const byCollection = Map.groupBy(documents.writes(), ({ collection }) => collection);
  return [...byCollection].map(([collection, writes]) => ({
    collection,
    ids: writes.map(({ id }) => id),
    positions: writes.map(({ position }) => position),
    bodies: writes.map(({ document }) => (document === undefined ? null : JSON.stringify(document))),
    ...(seen ? { seen: writes.map((write) => write.seen) } : {}),
  }));
};

const unlessMoved = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isMoved(error)) throw error;
    }
  }
};
