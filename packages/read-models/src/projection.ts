import type { EventReader, Fact, StoredEvent } from '@flexistream/kernel';
import type { Change, Collection, Document, FoldChange, ProjectionRef } from './port.ts';

/** An event as a projection sees it: the fact in its newest version, with where it stands. */
export type Seen<E extends Fact> = E & { readonly stored: StoredEvent };

type Handlers<E extends Fact, C> = { readonly [T in E['type']]?: (event: Seen<Extract<E, { type: T }>>) => C | readonly C[] };

/**
 * A table from event type to document changes, named and versioned. *Inline*: written in the append's transaction where the
 * engine can (what a client reads back after its own command). *Following*: batches behind the log.
 */
export interface Projection extends ProjectionRef {
  readonly mode: 'inline' | 'following';
  /** The version in which it sees events of that type: what specs write. */
  schemaOf(type: string): number;
  /** Pure. Answers no change for events that are none of its business. */
  changes(stored: StoredEvent): readonly (Change | FoldChange)[];
}

interface Definition {
  readonly name: string;
  readonly version: number;
  readonly collections: readonly Collection[];
}

const define = <E extends Fact, C extends Change | FoldChange>(
  mode: Projection['mode'],
  definition: Definition,
  reader: EventReader<E>,
  handlers: Handlers<E, C>,
): Projection => ({
  ...definition,
  mode,
  schemaOf: (type) => reader.version(type),
  changes: (stored) => {
    const handler = handlers[stored.type as E['type']] as ((event: Seen<E>) => C | readonly C[]) | undefined;
    if (handler === undefined) return [];
    const event = reader.read(stored);
    if (event === undefined) return [];
    const result = handler({ ...event, stored });
    return Array.isArray(result) ? (result as readonly C[]) : [result as C];
  },
});

/** A projection in the append's own transaction: declarative changes only, since they cross to the writer thread. */
export const inlineProjection = <E extends Fact>(
  definition: Definition,
  reader: EventReader<E>,
  handlers: Handlers<E, Change>,
): Projection => define('inline', definition, reader, handlers);

/** A projection in batches behind the log; it may also fold the document that is there. */
export const followingProjection = <E extends Fact>(
  definition: Definition,
  reader: EventReader<E>,
  handlers: Handlers<E, Change | FoldChange>,
): Projection => define('following', definition, reader, handlers);

export const put = (collection: string, id: string | number, document: Document): Change => ({
  op: 'put',
  collection,
  id: String(id),
  document,
});
export const patch = (collection: string, id: string | number, fields: Document): Change => ({
  op: 'patch',
  collection,
  id: String(id),
  fields,
});
export const drop = (collection: string, id: string | number): Change => ({ op: 'drop', collection, id: String(id) });
export const add = (collection: string, id: string | number, fields: Record<string, number>): Change => ({
  op: 'add',
  collection,
  id: String(id),
  fields,
});
export const foldDocument = <D extends Document>(
  collection: string,
  id: string | number,
  fold: (document: D | undefined) => D | undefined,
): FoldChange => ({ op: 'fold', collection, id: String(id), fold: fold as FoldChange['fold'] });
