import type { LogAtRest } from '@flexistream/event-store/embedded';
import {
  type Collection,
  changesOf,
  type Document,
  type EventChanges,
  foldBatch,
  HeldDocuments,
  type OpenEvent,
  type Projection,
  type ReadModels,
  readsOf,
} from '@flexistream/read-models';
import type { DocumentsAtRest } from '@flexistream/read-models/embedded';
import type { DocumentsInMongo } from '@flexistream/read-models/mongodb';
import { MoveRefused } from './move-refused.ts';
import type { Positions } from './positions.ts';

/** A document that is not the same on both sides. Ids are not personal, documents are. */
export interface Difference {
  readonly projection: string;
  readonly collection: string;
  readonly id: string;
  readonly is: 'missing' | 'different' | 'only there';
}

export interface Compared {
  readonly documents: number;
  readonly differences: readonly Difference[];
}

export interface Sides {
  readonly log: LogAtRest;
  readonly source: DocumentsAtRest;
  readonly readModels: ReadModels;
  readonly target: DocumentsInMongo;
  readonly open: OpenEvent;
  readonly positions: Positions;
}

const PAGE = 200;
const FOLDED_AT_ONCE = 1_000;

/**
 * Every document of a projection, as clients would read it: names, values and their order. Positions are not compared, they stand
 * beside the documents and differ; where an id holds one it is that of the same event in the other log.
 */
export const compareDocuments = async (projection: Projection, sides: Sides): Promise<Compared> => {
  const ahead = await foldBehind(projection, sides);
  const found: Difference[] = [];
  let documents = 0;
  for (const collection of projection.collections) {
    const differs = (id: string, is: Difference['is']): void =>
      void found.push({ projection: projection.name, collection: collection.name, id, is });
    for (const page of sourcePages(projection, collection.name, sides.source, ahead)) {
      documents += page.length;
      await comparePage(projection, collection, page, sides, differs);
    }
    await findMore(projection, collection, sides, ahead, differs);
  }
  return { documents, differences: found };
};

type Differs = (id: string, is: Difference['is']) => void;
type Wanted = readonly [id: string, document: Document];

function* sourcePages(projection: Projection, collection: string, source: DocumentsAtRest, ahead: Ahead): Generator<readonly Wanted[]> {
  for (let after = ''; ; ) {
    const page = source.page(projection, collection, after, PAGE);
    const last = page.at(-1);
    if (last === undefined) break;
    yield page.flatMap(({ id, document }) => (ahead.has(collection, id) ? [] : [[id, document] as const]));
    after = last.id;
  }
  const changed = ahead.documents(collection);
  for (let from = 0; from < changed.length; from += PAGE) yield changed.slice(from, from + PAGE);
}

const comparePage = async (
  projection: Projection,
  collection: Collection,
  page: readonly Wanted[],
  { readModels, positions }: Sides,
  differs: Differs,
): Promise<void> => {
  const there = (id: string): string => (collection.positioned ? (positions.onTarget(id) ?? id) : id);
  const found = await readModels.getMany(
    projection,
    collection.name,
    page.map(([id]) => there(id)),
  );
  for (const [id, document] of page) {
    const other = found.get(there(id));
    if (other === undefined) differs(id, 'missing');
    else if (JSON.stringify(other) !== JSON.stringify(document)) differs(id, 'different');
  }
};

/** Documents of the target that the folder does not have. */
const findMore = async (
  projection: Projection,
  collection: Collection,
  { source, target, positions }: Sides,
  ahead: Ahead,
  differs: Differs,
): Promise<void> => {
  const { name } = collection;
  const here = (id: string): string => (collection.positioned ? (positions.onSource(id) ?? id) : id);
  for (let after: string | undefined = ''; after !== undefined; ) {
    const ids: readonly string[] = await target.ids(projection, name, after, PAGE);
    after = ids.at(-1);
    const known = new Set(source.getMany(projection, name, ids.map(here)).map(({ id }) => id));
    for (const id of ids) {
      const own = here(id);
      const wanted = ahead.has(name, own) ? ahead.get(name, own) !== undefined : known.has(own);
      if (!wanted) differs(id, 'only there');
    }
  }
};

/** What documents become of events that a following projection had still to take in when the server ended. */
class Ahead {
  readonly #documents = new Map<string, Map<string, Document | undefined>>();

  set(collection: string, id: string, document: Document | undefined): void {
    const ofCollection = this.#documents.get(collection) ?? new Map<string, Document | undefined>();
    this.#documents.set(collection, ofCollection.set(id, document));
  }

  has(collection: string, id: string): boolean {
    return this.#documents.get(collection)?.has(id) ?? false;
  }

  get(collection: string, id: string): Document | undefined {
    return this.#documents.get(collection)?.get(id);
  }

  documents(collection: string): readonly (readonly [string, Document])[] {
    return [...(this.#documents.get(collection) ?? [])].flatMap(([id, document]) =>
      document === undefined ? [] : [[id, document] as const],
    );
  }
}

const foldBehind = async (projection: Projection, { log, source, open }: Sides): Promise<Ahead> => {
  const checkpoint = source.checkpoint(projection);
  if (checkpoint === undefined) {
    throw new MoveRefused('the folder was last served by another release: start this one on it once, stop it, then move');
  }
  const parkedKeys = new Set(source.parked(projection));
  const held = new HeldDocuments();
  const read = new Set<string>();
  for (let after = checkpoint; ; ) {
    const events = log.events({ after, limit: FOLDED_AT_ONCE });
    const last = events.at(-1);
    if (last === undefined) break;
    const batch: EventChanges[] = [];
    for (const event of events) batch.push(changesOf(projection, await open(event)));
    for (const [collection, ids] of readsOf(batch, { replaced: true })) {
      const unread = [...ids].filter((id) => !read.has(`${collection}/${id}`));
      for (const { id, position, document } of source.getMany(projection, collection, unread))
        held.hold(collection, id, { position, document });
      for (const id of unread) read.add(`${collection}/${id}`);
    }
    for (const { key } of foldBatch(projection, batch, held, { parkedKeys, prove: JSON.stringify })) parkedKeys.add(key);
    after = last.position;
  }
  const ahead = new Ahead();
  for (const { collection, id, document } of held.writes()) ahead.set(collection, id, document);
  return ahead;
};
