import type { Position } from '@flexistream/kernel';
import type { ObjectId } from 'mongodb';
import { HeldDocuments, readsOf } from '../fold-batch.ts';
import type { EventChanges } from '../port.ts';
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

/** What is not there may have been dropped a while ago: then its position is known. */
export const read = async (layout: Layout, set: string, batch: readonly EventChanges[]): Promise<HeldInMongo> => {
  const held = new HeldInMongo();
  for (const [collection, ids] of readsOf(batch, { replaced: true })) {
    const absent = new Map([...ids].map((id) => [droppedId(set, collection, id), id]));
    for await (const { _id, at, rev, late = [], doc } of layout.documents(set, collection).find({ _id: { $in: [...ids] } })) {
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
