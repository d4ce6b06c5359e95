import type { Position } from '@flexistream/kernel';

export type Document = Readonly<Record<string, unknown>>;

/** A set of documents of one projection. Every index is declared: the named top-level fields, in order. */
export interface Collection {
  readonly name: string;
  readonly indexes: readonly (readonly string[])[];
  /** Ids begin with the position of an event, in 16 digits and before a slash: another log of the same events makes other ids. */
  readonly positioned?: true;
}

/**
 * What an event changes. `put` replaces, `patch` replaces named top-level fields of a document that exists (else nothing), `drop`
 * removes, `add` adds to numeric fields and creates the document with them when absent.
 * A document keeps the log position that it last took in: changes at a lower or equal position are seen already and skipped.
 */
export type Change =
  | { readonly op: 'put'; readonly collection: string; readonly id: string; readonly document: Document }
  | { readonly op: 'patch'; readonly collection: string; readonly id: string; readonly fields: Document }
  | { readonly op: 'drop'; readonly collection: string; readonly id: string }
  | { readonly op: 'add'; readonly collection: string; readonly id: string; readonly fields: Readonly<Record<string, number>> };

/** Only for following projections: sees the document (undefined = absent) and answers the new one (undefined = drop). */
export interface FoldChange {
  readonly op: 'fold';
  readonly collection: string;
  readonly id: string;
  readonly fold: (document: Document | undefined) => Document | undefined;
}

/** What one event does to a projection. Its changes are made all or none. */
export interface EventChanges<C = Change | FoldChange> {
  readonly position: Position;
  /** The event's stream: once an event is parked, later ones of its key are parked too, so that order holds. */
  readonly key: string;
  readonly changes: readonly C[];
  /** Why the event is to be parked: the projection could not tell its changes. */
  readonly parked?: string;
}

/** The name and version under which documents and checkpoints are kept; a new version is another set beside the old one. */
export interface ProjectionRef {
  readonly name: string;
  readonly version: number;
  readonly collections: readonly Collection[];
  /** `inline`: where the engine can, the log's appends bring its changes and move its checkpoint (see InlineChanges). */
  readonly mode?: 'inline' | 'following';
}

export interface Query {
  /** Equality on the leading fields of a declared index. */
  readonly where?: Readonly<Record<string, string | number | boolean | null>>;
  /** A range on the next field of that index: `from` is in it, `below` is not. */
  readonly range?: { readonly field: string; readonly from?: string | number; readonly below?: string | number };
  /** The fields of that index after those of `where` (with a range: its field first), all in one direction. */
  readonly order?: { readonly by: readonly string[]; readonly direction: 'ascending' | 'descending' };
  readonly offset?: number;
  readonly limit: number;
}

export interface ParkedEvent {
  /** Name and version of the projection. */
  readonly projection: string;
  readonly version: number;
  readonly position: Position;
  readonly key: string;
  /** Says where it failed, never with what: documents and errors of projections may be personal. */
  readonly error: string;
}

/** Documents by id, for one service. */
export interface ReadModels {
  /** Makes the sets and indexes of these projections; must come before anything else. */
  declare(projections: readonly ProjectionRef[]): Promise<void>;
  get<D extends Document>(projection: ProjectionRef, collection: string, id: string): Promise<D | undefined>;
  getMany<D extends Document>(projection: ProjectionRef, collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>>;
  /** @throws NotIndexed when no declared index serves the query. Without `where`, `range` and `order`: all documents, in the engine's order. */
  find<D extends Document>(projection: ProjectionRef, collection: string, query: Query): Promise<readonly D[]>;
  /**
   * Applies a batch, in order of position, and moves the checkpoint, in one transaction where the engine can, else documents first.
   * A change that throws parks its event; the answer tells all events that were parked. One caller at a time for one projection.
   */
  apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: Position): Promise<readonly ParkedEvent[]>;
  /** Where the projection stands; for one that is written with the appends and has seen them all, where the log stands. */
  checkpoint(projection: ProjectionRef): Promise<Position>;
  /** Empties a projection: documents, checkpoint, parked events. Indexes come back with `finishRebuild`. */
  beginRebuild(projection: ProjectionRef): Promise<void>;
  finishRebuild(projection: ProjectionRef): Promise<void>;
  /** In order of position. */
  parked(projection?: ProjectionRef): Promise<readonly ParkedEvent[]>;
  /**
   * Applies what parked events change after all and forgets that they were parked. Documents have gone on meanwhile: `add`, `fold` and
   * `patch` are made all the same, `put` and `drop` only where the document has not taken in a later event.
   * @throws what a change throws: then nothing has changed.
   */
  unpark(projection: ProjectionRef, events: readonly EventChanges[]): Promise<void>;
  /** Removes every projection that is not among these, e.g. older versions, once these have caught up. */
  keepOnly(projections: readonly ProjectionRef[]): Promise<void>;
  close(): Promise<void>;
}

/** A query that no declared index serves: a fault of the program, not of its user. */
export class NotIndexed extends Error {
  readonly code = 'read-models/not-indexed';
}
