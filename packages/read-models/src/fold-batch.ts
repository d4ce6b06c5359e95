import type { Position } from '@flexistream/kernel';
import { changed } from './change.ts';
import { describeFailure } from './failure.ts';
import type { Change, Document, EventChanges, FoldChange, ParkedEvent, ProjectionRef } from './port.ts';

/** A document in memory with the position that it last took in; without a document it is known to be absent. */
export interface Held {
  readonly position: Position;
  readonly document: Document | undefined;
}

export interface DocumentWrite extends Held {
  readonly collection: string;
  readonly id: string;
  /** The position that the document had when it was read; 0 = absent or not read. */
  readonly seen: Position;
}

const ABSENT: Held = { position: 0, document: undefined };

/** The documents that a batch works on: read once, changed in memory, written once (design §11). */
export class HeldDocuments {
  readonly #documents = new Map<string, Map<string, Held>>();
  readonly #touched = new Map<string, Map<string, Position>>();

  get(collection: string, id: string): Held {
    return this.#documents.get(collection)?.get(id) ?? ABSENT;
  }

  /** As it was read. */
  hold(collection: string, id: string, held: Held): void {
    inner(this.#documents, collection).set(id, held);
  }

  change(collection: string, id: string, held: Held): void {
    const touched = inner(this.#touched, collection);
    if (!touched.has(id)) touched.set(id, this.get(collection, id).position);
    this.hold(collection, id, held);
  }

  *writes(): Iterable<DocumentWrite> {
    for (const [collection, ids] of this.#touched) {
      for (const [id, seen] of ids) yield { collection, id, seen, ...this.get(collection, id) };
    }
  }
}

const inner = <V>(outer: Map<string, Map<string, V>>, key: string): Map<string, V> => {
  const found = outer.get(key);
  if (found !== undefined) return found;
  const made = new Map<string, V>();
  outer.set(key, made);
  return made;
};

/**
 * The ids that must be read before a batch is folded. An engine whose checkpoint moves with the documents needs no look at what
 * a `put` or a `drop` replaces; others need its position.
 */
export const readsOf = (
  batch: readonly EventChanges[],
  { replaced }: { readonly replaced: boolean },
): ReadonlyMap<string, ReadonlySet<string>> => {
  const needed = new Map<string, Map<string, boolean>>();
  for (const { changes } of batch) {
    for (const { op, collection, id } of changes) {
      const ids = inner(needed, collection);
      if (!ids.has(id)) ids.set(id, replaced || (op !== 'put' && op !== 'drop'));
    }
  }
  return new Map([...needed].map(([collection, ids]) => [collection, new Set([...ids].flatMap(([id, read]) => (read ? [id] : [])))]));
};

export interface FoldOptions {
  readonly parkedKeys: Iterable<string>;
  /** Tried on each document after each event: what it throws parks the event that made the document. Default: nothing is tried. */
  readonly prove?: ((document: Document) => unknown) | undefined;
}

/** Folds a batch into the held documents. An event that fails changes nothing and is parked, and so are later ones of its key. */
export const foldBatch = (
  projection: Pick<ProjectionRef, 'name' | 'version'>,
  batch: readonly EventChanges[],
  documents: HeldDocuments,
  { parkedKeys, prove }: FoldOptions,
): readonly ParkedEvent[] => {
  const keys = new Set(parkedKeys);
  const parked: ParkedEvent[] = [];
  const park = ({ position, key }: EventChanges, error: string) => {
    keys.add(key);
    parked.push({ projection: projection.name, version: projection.version, position, key, error });
  };
  for (const event of batch) {
    if (event.parked !== undefined) park(event, event.parked);
    else if (event.changes.length === 0) continue;
    else if (keys.has(event.key)) park(event, 'waits for an earlier event of its stream');
    else {
      try {
        foldEvent(event, documents, ({ position }) => event.position > position, prove);
      } catch (error) {
        park(event, describeFailure(error));
      }
    }
  }
  return parked;
};

/** Folds parked events that are retried, by the rules of `ReadModels.unpark`. @throws what a change throws. */
export const foldLate = (events: readonly EventChanges[], documents: HeldDocuments): void => {
  for (const event of events) {
    foldEvent(event, documents, ({ position }, { op }) => event.position > position || (op !== 'put' && op !== 'drop'));
  }
};

/** All changes of an event or none. Several of them may meet one document: only what it was before the event decides. */
const foldEvent = (
  event: EventChanges,
  documents: HeldDocuments,
  takes: (before: Held, change: Change | FoldChange) => boolean,
  prove: FoldOptions['prove'] = undefined,
): void => {
  const after = new Map<string, { collection: string; id: string; held: Held }>();
  for (const change of event.changes) {
    const { collection, id } = change;
    const before = documents.get(collection, id);
    if (!takes(before, change)) continue;
    const key = `${collection}\n${id}`;
    const { document } = after.get(key)?.held ?? before;
    after.set(key, { collection, id, held: { position: Math.max(event.position, before.position), document: changed(document, change) } });
  }
  if (prove !== undefined) for (const { held } of after.values()) if (held.document !== undefined) prove(held.document);
  for (const { collection, id, held } of after.values()) documents.change(collection, id, held);
};
