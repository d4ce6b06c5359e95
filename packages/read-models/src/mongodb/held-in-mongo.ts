import type { Position } from '@flexistream/kernel';
import type { ObjectId } from 'mongodb';
import { HeldDocuments, readsOf } from '../fold-batch.ts';
import type { EventChanges, ProjectionRef } from '../port.ts';
import { decoded } from './field-names.ts';
import { droppedId, type Layout } from './layout.ts';

/** What was read of a document beside itself. Without `rev` there is none. */
export interface Version {
  readonly rev?: ObjectId;
  readonly late: readonly Position[];
}

const ABSENT: Version = { late: [] };

/** The documents that a batch works on, with the versions that were read. */
export class HeldInMongo {
  readonly documents = new HeldDocuments();
  readonly #versions = new Map<string, Version>();

  version(collection: string, id: string): Version {
    return this.#versions.get(`${collection}/${id}`) ?? ABSENT;
  }

  hold(collection: string, id: string, version: Version, position: Position, document: object | undefined): void {
    this.documents.hold(collection, id, { position, document: document && decoded({ ...document }) });
    this.#versions.set(`${collection}/${id}`, version);
  }
}

/** What is not there may have been dropped a while ago: then its position is known. What is supposed to be new is not looked for. */
export const read = async (
  layout: Layout,
  set: string,
  batch: readonly EventChanges[],
  supposedNew: ReadonlySet<string> = new Set(),
): Promise<HeldInMongo> => {
  const held = new HeldInMongo();
  for (const [collection, ids] of readsOf(batch, { replaced: true })) {
    const absent = new Map([...ids].map((id) => [droppedId(set, collection, id), id]));
    const sought = [...ids].filter((id) => !supposedNew.has(`${collection}/${id}`));
    const found = sought.length === 0 ? [] : layout.documents(set, collection).find({ _id: { $in: sought } });
    for await (const { _id, at, rev, late = [], doc } of found) {
      held.hold(collection, _id, { rev, late }, at, doc);
      absent.delete(droppedId(set, collection, _id));
    }
    if (absent.size === 0) continue;
    for await (const { _id, at, late = [] } of layout.dropped.find({ _id: { $in: [...absent.keys()] } })) {
      held.hold(collection, absent.get(_id) ?? _id, { late }, at, undefined);
    }
  }
  return held;
};

/**
 * Documents of positioned collections that a batch puts and does nothing else with: one event makes each, so they are new, unless the batch
 * comes again. Then writing them finds that they are there.
 */
export const onlyMade = ({ collections }: ProjectionRef, batch: readonly EventChanges[]): ReadonlySet<string> => {
  const positioned = new Set(collections.flatMap(({ name, positioned }) => (positioned ? [name] : [])));
  const made = new Set<string>();
  const changed = new Set<string>();
  for (const { changes } of batch) {
    for (const { op, collection, id } of changes) (op === 'put' && positioned.has(collection) ? made : changed).add(`${collection}/${id}`);
  }
  return new Set([...made].filter((document) => !changed.has(document)));
};
