import { type Fact, type StoredEvent, uuidv7 } from '@flexistream/kernel';
import { type Collection, type Document, MemoryReadModels, type Projection } from '@flexistream/read-models';

export interface Written {
  readonly stream: string;
  readonly events: readonly Fact[];
}

/** A log in one piece, with places and moments as a store gives them. */
export const logged = (...written: readonly Written[]): StoredEvent[] => {
  const revisions = new Map<string, number>();
  return written
    .flatMap(({ stream, events }) => events.map((event) => ({ stream, event })))
    .map(({ stream, event }, index) => {
      const revision = revisions.get(stream) ?? 0;
      revisions.set(stream, revision + 1);
      const metadata = { command: '', correlation: '', actor: 'public', at: '2026-01-01T00:00:00.000Z' };
      return { id: uuidv7(), type: event.type, schema: 1, data: event.data, metadata, stream, revision, position: index + 1 };
    });
};

/** What a projection makes of a log that is delivered so many times, each time in other batches. */
export const projected = async (projection: Projection, log: readonly StoredEvent[], delivered = 1) => {
  const models = new MemoryReadModels();
  await models.declare([projection]);
  for (let time = 1; time <= delivered; time++) {
    for (let from = 0; from < log.length; from += time) {
      const batch = log.slice(from, from + time);
      const changes = batch.map((stored) => ({ position: stored.position, key: stored.stream, changes: projection.changes(stored) }));
      await models.apply(projection, changes, batch.at(-1)?.position ?? 0);
    }
  }
  return {
    get: <D extends Document>({ name }: Collection, id: string | number): Promise<D | undefined> =>
      models.get<D>(projection, name, String(id)),
    all: ({ name }: Collection, by: string): Promise<readonly Document[]> =>
      models.find(projection, name, { order: { by: [by], direction: 'ascending' }, limit: 1_000 }),
  };
};
