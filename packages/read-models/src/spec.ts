import { type Fact, type Metadata, type StoredEvent, uuidv7 } from '@flexistream/kernel';
import { expect } from '@jest/globals';
import { MemoryReadModels } from './memory-read-models.ts';
import type { Document } from './port.ts';
import type { Projection } from './projection.ts';

/** A fact with where it stands, as far as the projection looks at it. */
export type Given = Fact & {
  /** Default: `spec-1`. */
  readonly stream?: string;
  readonly metadata?: Partial<Metadata>;
  /** Of an older version of the event's data; default: the one that the projection reads. */
  readonly schema?: number;
};

/** Specs of a projection read as sentences: given facts, delivered (twice, the second time in other batches), then documents. */
export const viewSpec = (projection: Projection) => ({ given: (...facts: Given[]) => delivery(projection, facts, 2) });

const delivery = (projection: Projection, facts: readonly Given[], times: number) => ({
  /** Twice when nothing is said. */
  delivered: (again: number) => delivery(projection, facts, again),
  then: async (collection: string, id: string | number, document: Document) => {
    const models = await project(projection, facts, times);
    expect(await models.get(projection, collection, String(id))).toEqual(document);
  },
  thenNothing: async (collection: string, id: string | number) => {
    const models = await project(projection, facts, times);
    expect(await models.get(projection, collection, String(id))).toBeUndefined();
  },
  /** All documents of the collection, in any order. */
  thenAll: async (collection: string, ...documents: Document[]) => {
    const models = await project(projection, facts, times);
    const found = await models.find(projection, collection, { limit: Number.MAX_SAFE_INTEGER });
    expect(found).toHaveLength(documents.length);
    expect(found).toEqual(expect.arrayContaining(documents));
  },
});

/** By the rules of an engine without transactions: only the position in each document tells what was seen. */
const project = async (projection: Projection, facts: readonly Given[], times: number): Promise<MemoryReadModels> => {
  const events = stored(projection, facts);
  const models = new MemoryReadModels();
  await models.declare([projection]);
  for (let delivery = 0; delivery < times; delivery++) {
    for (const batch of batches(events, delivery)) {
      // A spec wants to see what its projection throws, not that it was parked.
      const changes = batch.map((event) => ({ position: event.position, key: event.stream, changes: projection.changes(event) }));
      const parked = await models.apply(projection, changes, batch.at(-1)?.position ?? 0);
      expect(parked).toEqual([]);
    }
  }
  return models;
};

/** All at once, then one by one, then by twos … */
const batches = (events: readonly StoredEvent[], delivery: number): StoredEvent[][] => {
  const size = delivery === 0 ? Math.max(1, events.length) : delivery;
  return Array.from({ length: Math.ceil(events.length / size) }, (_, n) => events.slice(n * size, (n + 1) * size));
};

const stored = (projection: Projection, facts: readonly Given[]): StoredEvent[] => {
  const revisions = new Map<string, number>();
  return facts.map(({ type, data, stream = 'spec-1', metadata, schema = projection.schemaOf(type) }, index) => {
    const revision = revisions.get(stream) ?? 0;
    revisions.set(stream, revision + 1);
    const command = uuidv7();
    return {
      id: uuidv7(),
      type,
      schema,
      data,
      metadata: { command, correlation: command, actor: 'public', at: '2026-01-01T00:00:00.000Z', ...metadata },
      stream,
      revision,
      position: index + 1,
    };
  });
};
