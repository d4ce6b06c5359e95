import type { Position } from '@flexistream/kernel';
import { isDuplicate } from '@flexistream/mongodb';
import { type AnyBulkWriteOperation, ObjectId } from 'mongodb';
import type { DocumentWrite } from '../fold-batch.ts';
import type { HeldInMongo } from './held-in-mongo.ts';
import { type Dropped, droppedId, type Layout, type StoredDocument } from './layout.ts';
import { storable } from './storable.ts';

/** Somebody else has written since the documents were read: the caller reads again and folds anew. What it has written is known as seen. */
export class Moved extends Error {
  readonly code = 'read-models/moved';
}

export const isMoved = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'read-models/moved';

/** The positions that a document is to remember as taken in late, beside its own. */
export type LateOf = (collection: string, id: string, known: readonly Position[]) => readonly Position[];

export interface BatchWrites {
  readonly dropped: readonly AnyBulkWriteOperation<Dropped>[];
  readonly documents: ReadonlyMap<string, readonly AnyBulkWriteOperation<StoredDocument>[]>;
}

/** @throws TypeError when a document is no JSON, RangeError when it is too large. */
export const writesOf = (set: string, held: HeldInMongo, lateOf: LateOf): BatchWrites => {
  const rev = new ObjectId();
  const since = new Date();
  const dropped: AnyBulkWriteOperation<Dropped>[] = [];
  const documents = new Map<string, AnyBulkWriteOperation<StoredDocument>[]>();
  for (const write of held.documents.writes()) {
    const { collection, id } = write;
    const seen = held.version(collection, id);
    const late = lateOf(collection, id, seen.late);
    if (write.document === undefined) dropped.push(remembered(set, write, late, since));
    const operations = operationsOf(write, seen.rev, { rev, ...(late.length > 0 && { late }) });
    documents.set(collection, [...(documents.get(collection) ?? []), ...operations]);
  }
  return { dropped, documents };
};

/** Each names the version that was read: of two writers on one version the second one finds nothing to change. */
const operationsOf = (
  { id: _id, position: at, document }: DocumentWrite,
  seen: ObjectId | undefined,
  marks: Pick<StoredDocument, 'rev' | 'late'>,
): AnyBulkWriteOperation<StoredDocument>[] => {
  if (document === undefined) return seen === undefined ? [] : [{ deleteOne: { filter: { _id, rev: seen } } }];
  const fields = { at, ...marks, doc: storable(document) };
  if (seen === undefined) return [{ insertOne: { document: { _id, ...fields } } }];
  return [{ replaceOne: { filter: { _id, rev: seen }, replacement: fields } }];
};

const remembered = (
  of: string,
  { collection, id, position }: DocumentWrite,
  late: readonly Position[],
  since: Date,
): AnyBulkWriteOperation<Dropped> => ({
  updateOne: {
    filter: { _id: droppedId(of, collection, id) },
    update: { $set: { of, since, late }, $max: { at: position } },
    upsert: true,
  },
});

/**
 * FerretDB 1.24 keeps one of its 100 connections for each update of a command until the command ends, and waits for the next one for ever.
 * A server of MongoDB's own would take more at once; it loses little.
 */
const OPERATIONS_A_COMMAND = 90;

/** What is dropped is remembered before it goes. @throws Moved when a document is not the one that was read. */
export const makeWrites = async (layout: Layout, set: string, { dropped, documents }: BatchWrites): Promise<void> => {
  for (const command of commandsOf(dropped)) await layout.dropped.bulkWrite(command, { ordered: false });
  for (const [collection, operations] of documents) {
    for (const command of commandsOf(operations)) {
      try {
        const made = await layout.documents(set, collection).bulkWrite(command, { ordered: false });
        if (made.insertedCount + made.matchedCount + made.deletedCount < command.length) throw new Moved(`${set} has moved on`);
      } catch (error) {
        throw isDuplicate(error) ? new Moved(`${set} has moved on`, { cause: error }) : error;
      }
    }
  }
};

function* commandsOf<T>(operations: readonly T[]): Generator<T[]> {
  for (let from = 0; from < operations.length; from += OPERATIONS_A_COMMAND) yield operations.slice(from, from + OPERATIONS_A_COMMAND);
}
