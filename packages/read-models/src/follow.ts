import { setImmediate as letOthers, setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '@flexistream/event-store';
import type { Position, StoredEvent } from '@flexistream/kernel';
import { changesOf, type OpenEvent } from './changes-of.ts';
import type { EventChanges, ReadModels } from './port.ts';
import type { Projection } from './projection.ts';
import { retryParked } from './retry-parked.ts';

/** As much of a logger as is needed here. */
export interface FollowerLog {
  error(details: object, message: string): void;
}

/** Says when it falls to this one of several instances to do what need be done only once. The documents are right when two do it. */
export interface Turn {
  /** Resolves when it does, with what aborts when it does no more; where `signal` aborts before, with that. */
  mine(signal: AbortSignal): Promise<AbortSignal>;
  /** It failed here: another instance may do better. */
  passOn(): void;
}

export interface FollowOptions {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projection: Projection;
  readonly open: OpenEvent;
  /** At most this many events a batch; default 250. */
  readonly batch?: number;
  /** Without one, it always falls to this instance. */
  readonly turn?: Turn;
  readonly log?: FollowerLog;
}

/** One following projection at work. */
export interface Follower {
  /** Resolves when the projection has taken in (or parked) that position. */
  whenReached(position: Position): Promise<void>;
  /** How many positions the projection is behind the log. */
  lag(): Promise<number>;
  /** Tries the parked events of one stream again; answers how many went through. */
  retryParked(key: string): Promise<number>;
  /** Finishes the current batch with its checkpoint. */
  stop(): Promise<void>;
}

/** So much behind the log is nothing to who reads statistics, and batches cost less an event the more they hold. */
const GATHER_MS = 200;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/** Who waits for what another instance is to do looks this often how far it is, and this long at most at no progress. */
const LOOK_MS = 20;
const PATIENCE_MS = 400;
/** So long an instance works out of its turn before it looks again at whose it is. */
const OUT_OF_TURN_MS = 1_000;

/** Runs a projection behind the log, from its checkpoint on. An event that it cannot take is parked, an outage is waited out. */
export const follow = (options: FollowOptions): Follower => new RunningFollower(options);

class RunningFollower implements Follower {
  readonly #options: FollowOptions;
  readonly #stopping = new AbortController();
  readonly #running: Promise<void>;
  #reached: Position = 0;
  #waiting: { readonly position: Position; readonly resolve: () => void }[] = [];
  /** Cuts the gathering short. */
  #hurry: () => void = () => {};
  /** Tells who stands by that somebody waits. */
  #call: () => void = () => {};

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#running = this.#keepGoing();
  }

  whenReached(position: Position): Promise<void> {
    if (this.#reached >= position) return Promise.resolve();
    const reached = new Promise<void>((resolve) => this.#waiting.push({ position, resolve }));
    this.#hurry();
    this.#call();
    return reached;
  }

  async lag(): Promise<number> {
    if (this.#options.turn !== undefined) await this.#look();
    return Math.max(0, (await this.#options.eventStore.head()) - this.#reached);
  }

  retryParked(key: string): Promise<number> {
    return retryParked(this.#options, key);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#hurry();
    await this.#running;
  }

  async #keepGoing(): Promise<void> {
    const { projection, turn, log } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const now = await this.#now();
        await this.#pump(now, () => {
          attempt = 0;
        });
        if (!now.aborted) return; // the log was closed
      } catch (error) {
        log?.error({ error, projection: projection.name }, 'a projection is interrupted and will go on');
        turn?.passOn();
        const wait = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
        await pause(wait, undefined, { signal, ref: false }).catch(() => {}); // stop() cuts the pause short
      }
    }
  }

  /** Resolves when there is something to do here, with what aborts when there is not. */
  async #now(): Promise<AbortSignal> {
    const { turn } = this.#options;
    const { signal } = this.#stopping;
    if (turn === undefined) return signal;
    const decided = new AbortController();
    const until = AbortSignal.any([signal, decided.signal]);
    try {
      return AbortSignal.any([signal, await Promise.race([turn.mine(until), this.#needed(until)])]);
    } finally {
      decided.abort();
    }
  }

  /** Resolves when somebody waits here and the instance whose turn it is does not go on: it may have died with its turn. */
  async #needed(until: AbortSignal): Promise<AbortSignal> {
    while (!until.aborted) {
      let seen = this.#reached;
      let since = Date.now();
      while (this.#waiting.length > 0 && !until.aborted) {
        await this.#look();
        if (this.#reached > seen) [seen, since] = [this.#reached, Date.now()];
        else if (Date.now() - since > PATIENCE_MS) return AbortSignal.timeout(OUT_OF_TURN_MS);
        await pause(LOOK_MS, undefined, { signal: until }).catch(() => {});
      }
      await this.#called(until);
    }
    return until;
  }

  async #called(until: AbortSignal): Promise<void> {
    if (this.#waiting.length > 0 || until.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#call = resolve;
    until.addEventListener('abort', () => resolve(), { once: true });
    await promise;
  }

  /** How far any instance has come. */
  async #look(): Promise<void> {
    this.#reach(await this.#options.readModels.checkpoint(this.#options.projection));
  }

  async #pump(now: AbortSignal, onSuccess: () => void): Promise<void> {
    const { eventStore, readModels, projection, batch = 250 } = this.#options;
    const after = await readModels.checkpoint(projection);
    this.#reach(after);
    for await (const events of eventStore.subscribe({ after, batch, signal: now })) {
      const last = events.at(-1);
      if (last === undefined) continue;
      await letOthers(); // reading, changing and folding are milliseconds each: whoever asks meanwhile comes in between
      const changes = await this.#changes(events);
      await letOthers();
      const parked = await readModels.apply(projection, changes, last.position);
      if (parked.length > 0) this.#tell(parked.length);
      onSuccess();
      this.#reach(last.position);
      if (events.length < batch) await this.#gather();
    }
  }

  /** Lets events come together, unless somebody waits for them: a reader, or, where an inline projection must follow, every answer. */
  async #gather(): Promise<void> {
    if (this.#options.projection.mode === 'inline' || this.#waiting.length > 0 || this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, GATHER_MS).unref();
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #changes(events: readonly StoredEvent[]): Promise<EventChanges[]> {
    const { projection, open, log } = this.#options;
    const changes: EventChanges[] = [];
    for (const event of events) {
      const opened = await open(event);
      const change = changesOf(projection, opened, (error, { position }) =>
        log?.error({ error, projection: projection.name, position }, 'a projection failed on an event'),
      );
      if (change.changes.length > 0 || change.parked !== undefined) changes.push(change);
    }
    return changes;
  }

  #tell(events: number): void {
    this.#options.log?.error({ projection: this.#options.projection.name, events }, 'events were parked');
  }

  #reach(position: Position): void {
    this.#reached = Math.max(this.#reached, position);
    const reached = this.#waiting.filter((one) => one.position <= this.#reached);
    this.#waiting = this.#waiting.filter((one) => one.position > this.#reached);
    for (const { resolve } of reached) resolve();
  }
}
