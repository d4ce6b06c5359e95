import { type Position, Unavailable } from '@flexistream/kernel';
import { isDocumentRefused, isDuplicate, keepIndexes, makeIndexes, UntilClosed } from '@flexistream/mongodb';
import { type MongoClient, ObjectId } from 'mongodb';
import { foldBatch, foldLate } from '../fold-batch.ts';
import type { Document, EventChanges, ParkedEvent, ProjectionRef, Query, ReadModels } from '../port.ts';
import { decoded } from './field-names.ts';
import { type HeldInMongo, onlyMade, read } from './held-in-mongo.ts';
import {
  DROPPED_INDEXES,
  indexOn,
  type Layout,
  layoutOf,
  PARKED_INDEXES,
  type ParkedRow,
  type ProjectionState,
  parkedId,
  setOf,
} from './layout.ts';
import { queryOf } from './query.ts';
import { storable } from './storable.ts';
import { type BatchWrites, isMoved, makeWrites, writesOf } from './write-batch.ts';

export interface MongoReadModelsOptions {
  /** Shared by all adapters of the process; not closed here. */
  readonly client: MongoClient;
  /** One of its own for each service. */
  readonly database: string;
}

/** `declare` connects. */
export const openMongoReadModels = ({ client, database }: MongoReadModelsOptions): ReadModels =>
  new MongoReadModels(layoutOf(client.db(database, { writeConcern: { w: 'majority', journal: true } })));

/** How long a dropped document is remembered: longer than a process may lag that has read before and writes after. */
const REMEMBERED_MS = 10 * 60_000;
const FORGOTTEN_EVERY_MS = 60_000;
const MOST_ATTEMPTS = 50;

/**
 * Documents in MongoDB, without transactions. In a batch the parked events are written first, then the documents, then the checkpoint; a crash
 * between leaves a batch that comes again. What it has written is then known: documents by their positions, dropped ones by what is
 * remembered of them, parked events by their rows.
 */
class MongoReadModels implements ReadModels {
  readonly #layout: Layout;
  readonly #gate = new UntilClosed('the read models');
  readonly #forgotten = new Map<string, number>();
  /** The rebuild under which the caller has read a projection's place. After another one it must read it anew: its next batch does not begin there. */
  readonly #joined = new Map<string, ObjectId>();

  constructor(layout: Layout) {
    this.#layout = layout;
  }

  declare(projections: readonly ProjectionRef[]): Promise<void> {
    return this.#gate.runVeryLong(async () => {
      await makeIndexes(this.#layout.parked, PARKED_INDEXES);
      await makeIndexes(this.#layout.dropped, DROPPED_INDEXES);
      for (const projection of projections) {
        await this.#makeIndexes(projection);
        await this.#register(projection);
      }
    });
  }

  get<D extends Document>(projection: ProjectionRef, collection: string, id: string): Promise<D | undefined> {
    return this.#gate.run(async () => {
      const found = await this.#layout.documents(setOf(projection), collection).findOne({ _id: id });
      return found === null ? undefined : (decoded(found.doc) as D);
    });
  }

  getMany<D extends Document>(projection: ProjectionRef, collection: string, ids: readonly string[]): Promise<ReadonlyMap<string, D>> {
    return this.#gate.run(async () => {
      if (ids.length === 0) return new Map();
      const found = await this.#layout
        .documents(setOf(projection), collection)
        .find({ _id: { $in: [...ids] } })
        .toArray();
      return new Map(found.map(({ _id, doc }) => [_id, decoded(doc) as D]));
    });
  }

  find<D extends Document>(projection: ProjectionRef, collection: string, query: Query): Promise<readonly D[]> {
    return this.#gate.run(async () => {
      const { filter, ...options } = queryOf(projection, collection, query);
      if (options.limit === 0) return []; // MongoDB takes 0 for all
      const found = await this.#layout.documents(setOf(projection), collection).find(filter, options).toArray();
      return found.map(({ doc }) => decoded(doc) as D);
    });
  }

  async apply(projection: ProjectionRef, batch: readonly EventChanges[], checkpoint: Position): Promise<readonly ParkedEvent[]> {
    const parked = new Map<Position, ParkedEvent>();
    const tell = (events: readonly ParkedEvent[]): void => {
      for (const event of events) parked.set(event.position, event);
    };
    await this.#gate.runLong(() =>
      unlessMoved(async (attempt) => {
        const state = await this.#state(projection);
        this.#refuseRebuilt(state);
        if (checkpoint <= state.checkpoint) return; // seen already
        try {
          await this.#take(projection, state, batch, checkpoint, { wary: attempt > 1, tell });
        } catch (error) {
          if (!isDocumentRefused(error)) throw error;
          await this.#takeOneByOne(projection, batch, tell);
          await this.#reach(state, checkpoint);
        }
      }),
    );
    return [...parked.values()];
  }

  checkpoint(projection: ProjectionRef): Promise<Position> {
    return this.#gate.run(async () => {
      const { _id, checkpoint, generation } = await this.#state(projection);
      this.#joined.set(_id, generation);
      return checkpoint;
    });
  }

  /** The checkpoint goes first: a crash leaves documents that have seen more than it says, never less. */
  beginRebuild(projection: ProjectionRef): Promise<void> {
    return this.#gate.runLong(async () => {
      const state = await this.#state(projection);
      const generation = new ObjectId();
      await this.#layout.states.updateOne({ _id: state._id }, { $set: { checkpoint: 0, generation } });
      this.#joined.set(state._id, generation);
      await this.#empty(state);
    });
  }

  finishRebuild(projection: ProjectionRef): Promise<void> {
    return this.#gate.runVeryLong(() => this.#makeIndexes(projection));
  }

  parked(projection?: ProjectionRef): Promise<readonly ParkedEvent[]> {
    return this.#gate.run(async () => {
      const of = projection === undefined ? {} : { of: setOf(projection) };
      const rows = await this.#layout.parked.find(of).sort({ position: 1 }).toArray();
      return rows.map(({ projection, version, position, key, error }) => ({ projection, version, position, key, error }));
    });
  }

  unpark(projection: ProjectionRef, events: readonly EventChanges[]): Promise<void> {
    return this.#gate.runLong(() =>
      unlessMoved(async () => {
        const rows = await this.#parkedRows(projection);
        const parked = new Set(rows.map(({ position }) => position));
        const still = events.filter(({ position }) => parked.has(position)); // others are done
        await makeWrites(this.#layout, setOf(projection), await this.#foldLate(projection, still, parked));
        const done = still.map(({ position }) => parkedId(setOf(projection), position));
        if (done.length > 0) await this.#layout.parked.deleteMany({ _id: { $in: done } });
      }),
    );
  }

  keepOnly(projections: readonly ProjectionRef[]): Promise<void> {
    return this.#gate.runLong(async () => {
      const kept = projections.map(setOf);
      for (const state of await this.#layout.states.find().toArray()) {
        if (kept.includes(state._id)) continue;
        await this.#empty(state);
        await this.#layout.states.deleteOne({ _id: state._id }); // last: a crash before is made good by the next call
      }
    });
  }

  close(): Promise<void> {
    return this.#gate.close();
  }

  async #register(projection: ProjectionRef): Promise<void> {
    const { name, version, collections } = projection;
    const names = collections.map((collection) => collection.name);
    await this.#layout.states.updateOne(
      { _id: setOf(projection) },
      { $setOnInsert: { name, version, checkpoint: 0, generation: new ObjectId() }, $addToSet: { collections: { $each: names } } },
      { upsert: true },
    );
  }

  async #makeIndexes(projection: ProjectionRef): Promise<void> {
    for (const { name, indexes } of projection.collections) {
      const documents = this.#layout.documents(setOf(projection), name);
      const wanted = indexes.map(indexOn);
      await makeIndexes(documents, wanted);
      await keepIndexes(documents, wanted);
    }
  }

  async #state(projection: ProjectionRef): Promise<ProjectionState> {
    const state = await this.#layout.states.findOne({ _id: setOf(projection) });
    if (state === null) throw new RangeError(`${setOf(projection)} was not declared`);
    return state;
  }

  #refuseRebuilt({ _id, generation }: ProjectionState): void {
    const joined = this.#joined.get(_id) ?? generation;
    if (!joined.equals(generation)) throw new Unavailable(`${_id} was begun anew elsewhere`);
    this.#joined.set(_id, joined);
  }

  #parkedRows(projection: ProjectionRef): Promise<ParkedRow[]> {
    return this.#layout.parked.find({ of: setOf(projection) }).toArray();
  }

  /** `wary`: it supposes of no document that it is new. */
  async #fold(
    projection: ProjectionRef,
    { checkpoint }: ProjectionState,
    batch: readonly EventChanges[],
    rows: readonly ParkedRow[],
    wary: boolean,
  ) {
    const set = setOf(projection);
    const interrupted = new Map(rows.flatMap(({ position, error }) => (position > checkpoint ? [[position, error] as const] : [])));
    const fresh = batch
      .filter(({ position }) => position > checkpoint)
      .map((event) => {
        const parked = interrupted.get(event.position);
        return parked === undefined ? event : { ...event, parked }; // documents may have gone on without it
      });
    const parkedKeys = rows.flatMap(({ position, key }) => (position > checkpoint ? [] : [key]));
    const positions = new Set(rows.map(({ position }) => position));
    const folded = async (prove?: typeof storable) => {
      const held = await read(this.#layout, set, fresh, wary ? undefined : onlyMade(projection, fresh));
      const parked = foldBatch(projection, fresh, held.documents, { parkedKeys, prove });
      return { parked, writes: writesOf(set, held, (_collection, _id, late) => late.filter((position) => positions.has(position))) };
    };
    try {
      return await folded();
    } catch (error) {
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      return folded(storable); // a document is no JSON, or too large: find the event that made it
    }
  }

  async #foldLate(projection: ProjectionRef, events: readonly EventChanges[], parked: ReadonlySet<Position>): Promise<BatchWrites> {
    const held = await read(this.#layout, setOf(projection), events);
    const missing = events.map((event) => withoutTaken(event, held));
    foldLate(missing, held.documents);
    return writesOf(setOf(projection), held, (collection, id, late) => {
      const took = missing.filter(({ changes }) => changes.some((change) => change.collection === collection && change.id === id));
      return [...late.filter((position) => parked.has(position)), ...took.map(({ position }) => position)];
    });
  }

  async #take(
    projection: ProjectionRef,
    state: ProjectionState,
    batch: readonly EventChanges[],
    checkpoint: Position,
    { wary, tell }: { readonly wary: boolean; readonly tell: (parked: readonly ParkedEvent[]) => void },
  ): Promise<void> {
    const { writes, parked } = await this.#fold(projection, state, batch, await this.#parkedRows(projection), wary);
    await this.#park(projection, parked);
    await makeWrites(this.#layout, setOf(projection), writes);
    tell(parked);
    await this.#reach(state, checkpoint);
  }

  /**
   * Finds the event whose document the engine does not take, and parks it. Other documents of the batch are written by then: what they hold
   * of an event that is parked now is noted in them, so that a retry makes only what is missing.
   */
  async #takeOneByOne(
    projection: ProjectionRef,
    batch: readonly EventChanges[],
    tell: (parked: readonly ParkedEvent[]) => void,
  ): Promise<void> {
    for (const event of batch) {
      const state = await this.#state(projection);
      if (event.position <= state.checkpoint) continue;
      const rows = await this.#parkedRows(projection);
      const folded = await this.#fold(projection, state, [event], rows, true);
      const refused = folded.parked.length > 0 ? undefined : await this.#refusal(projection, event, folded.writes);
      const parked = refused === undefined ? folded.parked : [refused];
      if (parked.length > 0 && !rows.some(({ position }) => position === event.position)) await this.#noteTaken(projection, event);
      await this.#park(projection, parked);
      tell(parked);
      await this.#reach(state, event.position);
    }
  }

  async #refusal(projection: ProjectionRef, { position, key }: EventChanges, writes: BatchWrites): Promise<ParkedEvent | undefined> {
    try {
      await makeWrites(this.#layout, setOf(projection), writes);
      return undefined;
    } catch (error) {
      if (!isDocumentRefused(error)) throw error;
      return { projection: projection.name, version: projection.version, position, key, error: 'MongoDB does not take its document' };
    }
  }

  async #noteTaken(projection: ProjectionRef, event: EventChanges): Promise<void> {
    const held = await read(this.#layout, setOf(projection), [event]);
    for (const { collection, id } of event.changes) {
      const its = held.documents.get(collection, id);
      if (its.position >= event.position) held.documents.change(collection, id, its);
    }
    const noting = writesOf(setOf(projection), held, (_collection, _id, late) => [...new Set([...late, event.position])]);
    await makeWrites(this.#layout, setOf(projection), noting);
  }

  /** An interrupted batch may have parked some already. */
  async #park(projection: ProjectionRef, parked: readonly ParkedEvent[]): Promise<void> {
    if (parked.length === 0) return;
    const of = setOf(projection);
    const rows = parked.map((event) => ({ _id: parkedId(of, event.position), of, ...event }));
    try {
      await this.#layout.parked.insertMany(rows, { ordered: false });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
    }
  }

  async #reach({ _id, generation }: ProjectionState, checkpoint: Position): Promise<void> {
    const { matchedCount } = await this.#layout.states.updateOne({ _id, generation }, { $max: { checkpoint } });
    if (matchedCount === 0) throw new Unavailable(`${_id} is being rebuilt`);
    const now = Date.now();
    if (now - (this.#forgotten.get(_id) ?? 0) < FORGOTTEN_EVERY_MS) return;
    this.#forgotten.set(_id, now);
    await this.#layout.dropped.deleteMany({ of: _id, at: { $lte: checkpoint }, since: { $lt: new Date(now - REMEMBERED_MS) } });
  }

  async #empty({ _id: of, collections }: ProjectionState): Promise<void> {
    for (const name of collections) await this.#layout.documents(of, name).drop();
    await this.#layout.dropped.deleteMany({ of });
    await this.#layout.parked.deleteMany({ of });
  }
}

/** Without the changes to documents that have taken the event in already: a crash came between them and the parked event. */
const withoutTaken = (event: EventChanges, held: HeldInMongo): EventChanges => ({
  ...event,
  changes: event.changes.filter(({ collection, id }) => !held.version(collection, id).late.includes(event.position)),
});

const unlessMoved = async <T>(work: (attempt: number) => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await work(attempt);
    } catch (error) {
      if (!isMoved(error)) throw error;
      if (attempt === MOST_ATTEMPTS) throw new Unavailable('the documents move on too often', { cause: error });
    }
  }
};
