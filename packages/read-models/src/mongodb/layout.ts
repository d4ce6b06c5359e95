import type { Position } from '@flexistream/kernel';
import type { Index } from '@flexistream/mongodb';
import type { Collection, Db, ObjectId } from 'mongodb';
import type { Document, ParkedEvent, ProjectionRef } from '../port.ts';
import { encodedName } from './field-names.ts';

/** A document of a projection. */
export interface StoredDocument {
  readonly _id: string;
  /** The log position that it last took in. */
  readonly at: Position;
  /** Another one with each write: who writes names the one that it has read. */
  readonly rev: ObjectId;
  /** Positions before `at` that it has taken in late and that may still stand as parked: they are not taken in again. */
  readonly late?: readonly Position[];
  readonly doc: Document;
}

/** Remembers a document that was dropped, so that no event from before makes it anew: neither a repeat after a crash, nor a slow other process. */
export interface Dropped {
  readonly _id: string;
  readonly of: string;
  readonly at: Position;
  readonly since: Date;
  readonly late?: readonly Position[];
}

export interface ProjectionState {
  readonly _id: string;
  readonly name: string;
  readonly version: number;
  readonly collections: readonly string[];
  readonly checkpoint: Position;
  /** Another one with each rebuild: who began before it does not move its checkpoint. */
  readonly generation: ObjectId;
}

export interface ParkedRow extends ParkedEvent {
  readonly _id: string;
  readonly of: string;
}

/** The collections of one service; those of documents hold an `@`, so that no name meets these. */
export interface Layout {
  readonly states: Collection<ProjectionState>;
  readonly parked: Collection<ParkedRow>;
  readonly dropped: Collection<Dropped>;
  documents(set: string, collection: string): Collection<StoredDocument>;
}

export const layoutOf = (database: Db): Layout => ({
  states: database.collection('projections'),
  parked: database.collection('parked'),
  dropped: database.collection('dropped'),
  documents: (set, collection) => database.collection(`${set}.${collection}`),
});

/** A projection in one version. */
export const setOf = ({ name, version }: Pick<ProjectionRef, 'name' | 'version'>): string => `${name}@${version}`;
export const droppedId = (set: string, collection: string, id: string): string => `${set}.${collection}/${id}`;
export const parkedId = (set: string, position: Position): string => `${set}/${position}`;

export const fieldOf = (name: string): string => `doc.${encodedName(name)}`;

/** Ends with the id, so that equal ones keep one order and pages do not overlap. */
export const indexOn = (fields: readonly string[]): Index => ({
  key: { ...Object.fromEntries(fields.map((field) => [fieldOf(field), 1] as const)), _id: 1 },
});

export const PARKED_INDEXES: readonly Index[] = [{ key: { of: 1, position: 1 } }];
export const DROPPED_INDEXES: readonly Index[] = [{ key: { of: 1, at: 1 } }];
