import { type Position, Unavailable } from '@flexistream/kernel';
import { foldBatch, foldLate, type Held, HeldDocuments } from './fold-batch.ts';
import { servingIndex } from './indexed.ts';
import type { Document, EventChanges, ParkedEvent, ProjectionRef, Query, ReadModels } from './port.ts';

interface Shelf {
  readonly ref: Pick<ProjectionRef, 'name' | 'version'>;
  readonly collections: Map<string, Map<string, Held>>;
  checkpoint: Position;
  parked: readonly ParkedEvent[];
}

/**
 * Keeps documents in memory by the port's rules, as an engine without transactions does: only the position in each document
 * tells what was seen. For specs of what stands on read models, and to break on purpose.
 */
export class MemoryReadModels implements ReadModels {
  readonly #shelves = new Map<string, Shelf>();
  #closed = false;

  /** Opens them again when they were closed: what they hold is kept. */
  async declare(projections: readonly ProjectionRef[]): Promise<void> {
    this.#closed = false;
    for (const ref of projections) {
      if (!this.#shelves.has(keyOf(ref))) this.#shelves.set(keyOf(ref), emptyShelf(ref));
    }
  }

  async get<D extends Document>(projection: ProjectionRef, collection: string, id: string): Promise<D | undefined> {
    return copy(this.#documents(projection, collection).get(id)?.document) as D | undefined;
  }

  async getMany<D extends Document>(
    projection: ProjectionRef,
    collection: string,
    ids: readonly string[],
  ): Promise<ReadonlyMap<string, D>> {
    const found = new Map<string, D>();
    for (const id of ids) {
      const document = await this.get<D>(projection, collection, id);
      if (document !== undefined) found.set(id, document);
    }
    return found;
  }

  async find<D extends Document>(projection: ProjectionRef, collection: string, query: Query): Promise<readonly D[]> {
    servingIndex(projection, collection, query);
    const { range, order, where = {}, offset = 0, limit } = query;
    const found = [...this.#documents(projection, collection).values()].flatMap(({ document }) =>
      document === undefined ? [] : [document],
    );
    const fits = found.filter(
      (document) =>
        Object.entries(where).every(([field, value]) => compare(document[field], value) === 0) &&
        (range?.from === undefined || compare(document[range.field], range.from) >= 0) &&
        (range?.below === undefined || (compare(document[range.field], range.below) < 0 && document[range.field] != null)),
    );
    const by = order?.by ?? [];
    fits.sort((a, b) => by.reduce((result, field) => result || compare(a[field], b[field]), 0));
    if (order?.direction === 'descending') fits.reverse();
    return fits.slice(offset, offset + limit).map(copy) as D[];
  }

  async apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: Position): Promise<readonly ParkedEvent[]> {
    const shelf = this.#shelf(projection);
    const documents = this.#hold(shelf);
    const parked = foldBatch(projection, batch, documents, { parkedKeys: shelf.parked.map(({ key }) => key), prove: JSON.stringify });
    this.#write(shelf, documents);
    const known = new Set(shelf.parked.map(({ position }) => position));
    shelf.parked = [...shelf.parked, ...parked.filter(({ position }) => !known.has(position))];
    shelf.checkpoint = Math.max(shelf.checkpoint, checkpoint);
    return parked;
  }

  async checkpoint(projection: ProjectionRef): Promise<Position> {
    return this.#shelf(projection).checkpoint;
  }

  async beginRebuild(projection: ProjectionRef): Promise<void> {
    this.#shelf(projection);
    this.#shelves.set(keyOf(projection), emptyShelf(projection));
  }

  async finishRebuild(projection: ProjectionRef): Promise<void> {
    this.#shelf(projection);
  }

  async parked(projection?: ProjectionRef): Promise<readonly ParkedEvent[]> {
    const shelves = projection === undefined ? [...this.#shelves.values()] : [this.#shelf(projection)];
    return shelves.flatMap(({ parked }) => parked).sort((a, b) => a.position - b.position);
  }

  async unpark(projection: ProjectionRef, events: readonly EventChanges[]): Promise<void> {
    const shelf = this.#shelf(projection);
    const documents = this.#hold(shelf);
    foldLate(events, documents);
    this.#write(shelf, documents);
    const done = new Set(events.map(({ position }) => position));
    shelf.parked = shelf.parked.filter(({ position }) => !done.has(position));
  }

  async keepOnly(projections: readonly ProjectionRef[]): Promise<void> {
    const kept = new Set(projections.map(keyOf));
    for (const key of this.#shelves.keys()) if (!kept.has(key)) this.#shelves.delete(key);
  }

  async close(): Promise<void> {
    this.#closed = true;
  }

  #shelf(projection: ProjectionRef): Shelf {
    if (this.#closed) throw new Unavailable('the read models are closed');
    const shelf = this.#shelves.get(keyOf(projection));
    if (shelf === undefined) throw new RangeError(`${keyOf(projection)} was not declared`);
    return shelf;
  }

  #documents(projection: ProjectionRef, collection: string): ReadonlyMap<string, Held> {
    return this.#shelf(projection).collections.get(collection) ?? new Map();
  }

  #hold({ collections }: Shelf): HeldDocuments {
    const documents = new HeldDocuments();
    for (const [collection, held] of collections) for (const [id, document] of held) documents.hold(collection, id, document);
    return documents;
  }

  #write({ collections }: Shelf, documents: HeldDocuments): void {
    for (const { collection, id, position, document } of documents.writes()) {
      const held = collections.get(collection) ?? new Map<string, Held>();
      collections.set(collection, held);
      if (document === undefined) held.delete(id);
      else held.set(id, { position, document: copy(document) });
    }
  }
}

const keyOf = ({ name, version }: Pick<ProjectionRef, 'name' | 'version'>): string => `${name}@${version}`;
const emptyShelf = (ref: Shelf['ref']): Shelf => ({ ref, collections: new Map(), checkpoint: 0, parked: [] });
/** Documents are JSON in every engine. */
const copy = <T>(document: T): T => (document === undefined ? document : JSON.parse(JSON.stringify(document)));

const rank = (value: unknown): number => (value === null || value === undefined ? 0 : typeof value === 'string' ? 2 : 1);
/** Nothing, then numbers and switches, then texts. */
const compare = (a: unknown, b: unknown): number => {
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  if (rank(a) === 0) return 0;
  const [left, right] = rank(a) === 1 ? [Number(a), Number(b)] : [String(a), String(b)];
  return left < right ? -1 : left > right ? 1 : 0;
};
