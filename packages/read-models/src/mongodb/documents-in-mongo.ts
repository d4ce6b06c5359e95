import { UntilClosed } from '@flexistream/mongodb';
import type { ProjectionRef } from '../port.ts';
import { layoutOf, setOf } from './layout.ts';
import type { MongoReadModelsOptions } from './mongo-read-models.ts';

/** Looks over a service's documents as a whole, which no reader of views may. */
export interface DocumentsInMongo {
  /** Whether any projection has taken in anything. */
  areBegun(): Promise<boolean>;
  /** The ids of documents in order, at most `limit`; `after` is the last one of the page before. */
  ids(projection: ProjectionRef, collection: string, after: string, limit: number): Promise<readonly string[]>;
}

export const openDocumentsInMongo = ({ client, database }: MongoReadModelsOptions): DocumentsInMongo => {
  const layout = layoutOf(client.db(database));
  const gate = new UntilClosed('the read models');
  return {
    areBegun: () => gate.runLong(async () => (await layout.states.findOne({ checkpoint: { $gt: 0 } })) !== null),
    ids: (projection, collection, after, limit) =>
      gate.runLong(async () => {
        const documents = layout.documents(setOf(projection), collection);
        const page = documents
          .find({ _id: { $gt: after } })
          .sort({ _id: 1 })
          .limit(limit)
          .project<{ _id: string }>({ _id: 1 });
        return (await page.toArray()).map(({ _id }) => _id);
      }),
  };
};
