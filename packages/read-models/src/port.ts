import type { Position } from '@flexistream/kernel';

export type Document = Readonly<Record<string, unknown>>;

/** A set of documents of one projection. Every index is declared: the named top-level fields, in order. */
export interface Collection {
  readonly name: string;
  readonly indexes: readonly (readonly string[])[];
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

export interface EventChanges<C = Change | FoldChange> {
  readonly position: Position;
  readonly changes: readonly C[];
}

/** The name and version under which documents and checkpoints are kept; a new version is another set beside the old one. */
export interface ProjectionRef {
  readonly name: string;
  readonly version: number;
  readonly collections: readonly Collection[];
}

export interface Query {
  /** Equality on the leading fields of a declared index. */
  readonly where?: Readonly<Record<string, string | number | boolean | null>>;
  /** A range on the next field of that index. */
  readonly range?: { readonly field: string; readonly from?: string | number; readonly below?: string | number };
  /** The remaining fields of that index, all in one direction. */
  readonly order?: { readonly by: readonly string[]; readonly direction: 'ascending' | 'descending' };
  readonly offset?: number;
  readonly limit: number;
}

export interface ParkedEvent {
  readonly projection: string;
  readonly position: Position;
  /** The stream: later events of it are parked too, so that order holds. */
  readonly key: string;
  readonly error: string;
}

/** Documents by id, for one service. */
export interface ReadModels {
  /** Makes the sets and indexes of these projections; must come before anything else. */
  declare(projections: readonly ProjectionRef[]): Promise<void>;
  get<D extends Document>(projection: ProjectionRef, collection: string, id: string): Promise<D | undefined>;
  getMany<D extends Document>(projection: ProjectionRef, collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>>;
  find<D extends Document>(projection: ProjectionRef, collection: string, query: Query): Promise<readonly D[]>;
  /** Applies a batch and moves the checkpoint, in one transaction where the engine can, else documents first. */
  apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: Position): Promise<void>;
  checkpoint(projection: ProjectionRef): Promise<Position>;
  /** Empties a projection: documents, checkpoint, parked events. Indexes come back with `finishRebuild`. */
  beginRebuild(projection: ProjectionRef): Promise<void>;
  finishRebuild(projection: ProjectionRef): Promise<void>;
  park(event: ParkedEvent): Promise<void>;
  parked(projection?: ProjectionRef): Promise<readonly ParkedEvent[]>;
  unpark(projection: ProjectionRef, key: string): Promise<void>;
  close(): Promise<void>;
}
