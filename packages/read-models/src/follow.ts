import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
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

export interface FollowOptions {
  readonly eventStore: EventStore;
  readonly readModels: ReadModels;
  readonly projection: Projection;
  readonly open: OpenEvent;
  /** At most this many events a batch; default 250. */
  readonly batch?: number;
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

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#running = this.#keepGoing();
  }

  whenReached(position: Position): Promise<void> {
    if (this.#reached >= position) return Promise.resolve();
    this.#hurry();
    return new Promise((resolve) => this.#waiting.push({ position, resolve }));
  }

  async lag(): Promise<number> {
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
    const { projection, log } = this.#options;
    const { signal } = this.#stopping;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        await this.#pump(() => {
          attempt = 0;
        });
        return; // the log was closed
      } catch (error) {
        log?.error({ error, projection: projection.name }, 'a projection is interrupted and will go on');
        const wait = Math.min(FIRST_PAUSE_MS * 2 ** attempt, LONGEST_PAUSE_MS);
        await pause(wait, undefined, { signal, ref: false }).catch(() => {}); // stop() cuts the pause short
      }
    }
  }

  async #pump(onSuccess: () => void): Promise<void> {
    const { eventStore, readModels, projection, batch = 250 } = this.#options;
    const { signal } = this.#stopping;
    const after = await readModels.checkpoint(projection);
    this.#reach(after);
    for await (const events of eventStore.subscribe({ after, batch, signal })) {
      const last = events.at(-1);
      if (last === undefined) continue;
      await turn(); // reading, changing and folding are milliseconds each: whoever asks meanwhile comes in between
      const changes = await this.#changes(events);
      await turn();
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
