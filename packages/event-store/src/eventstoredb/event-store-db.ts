import {
  type Appended,
  type Clock,
  Conflict,
  type ExpectedRevision,
  type NewEvent,
  type Position,
  type StoredEvent,
  systemClock,
  Unavailable,
} from '@flexistream/kernel';
import type { EventStore, ReadAllOptions, ReadOptions, StoreAppendOptions, SubscribeOptions } from '../port.ts';
import type { LaneAnswer } from './append-lane.ts';
import { catchUp } from './catch-up.ts';
import { asProposed, asStored, positionOf } from './codec.ts';
import type { EventStoreDbConnection } from './connection.ts';
import { asUnavailable, Refused, StreamIsDeleted, Unsure, WrongRevision } from './failures.ts';
import { insist } from './patience.ts';
import type { ReadRequest } from './protocol.ts';
import { endOfAllRequest, readAllRequest, readStreamRequest } from './requests.ts';
import { StreamFate } from './stream-fate.ts';

export interface EventStoreDbOptions {
  /** One per process, shared by all stores in it; its owner closes it after them. */
  readonly connection: EventStoreDbConnection;
  /** How the streams of the service begin. `$all` is filtered by them, so an append elsewhere is refused. */
  readonly prefixes: readonly string[];
  /** Stands before every stream's name: several installations on one server keep apart by it. Default: none. */
  readonly namespace?: string;
  readonly clock?: Clock;
  /** How long one call may take, and all tries of one request together, in milliseconds. */
  readonly attemptMs?: number;
  readonly giveUpMs?: number;
  /** Hears why a subscription broke; it is opened again all the same. */
  readonly onBroken?: (error: unknown) => void;
}

const BATCH = 1_000;

/**
 * One service's own log in EventStoreDB 21.10 or newer. Where it differs from the embedded one: events of removed and expired streams
 * stay in `$all` until the server scavenges; an append at the exact revision of a removed stream is taken and revives it; a stream that
 * expires does so up to a second late.
 */
export class EventStoreDb implements EventStore {
  readonly appendsViews = false;
  readonly #options: Required<EventStoreDbOptions>;
  readonly #connection: EventStoreDbConnection;
  readonly #fate: StreamFate;
  readonly #prefixes: readonly string[];
  readonly #closing = new AbortController();
  readonly #working = new Set<Promise<unknown>>();

  constructor(options: EventStoreDbOptions) {
    if (options.prefixes.length === 0) throw new RangeError('a service names the prefixes of its streams');
    this.#options = { namespace: '', clock: systemClock, attemptMs: 1_000, giveUpMs: 1_500, onBroken: () => {}, ...options };
    const { connection, namespace, prefixes, attemptMs } = this.#options;
    this.#connection = connection;
    this.#prefixes = prefixes.map((prefix) => `${namespace}${prefix}`);
    this.#fate = new StreamFate(connection, attemptMs);
  }

  append(stream: string, events: readonly NewEvent[], { expect }: StoreAppendOptions): Promise<Appended> {
    return this.#work(async () => {
      if (events.length === 0) throw new RangeError('an append holds at least one event');
      return this.#append(this.#nameOf(stream), events, expect);
    });
  }

  read(stream: string, options: ReadOptions = {}): Promise<readonly StoredEvent[]> {
    return this.#work(() => this.#readStream(this.#nameOf(stream), options));
  }

  readAll({ after, limit }: ReadAllOptions): Promise<readonly StoredEvent[]> {
    return this.#work(() => this.#read(readAllRequest(this.#prefixes, { from: after <= 0 ? undefined : after + 1, limit })));
  }

  async *subscribe({ after, batch = BATCH, signal }: SubscribeOptions): AsyncIterable<readonly StoredEvent[]> {
    const { namespace, onBroken } = this.#options;
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    yield* catchUp(this.#connection, { prefixes: this.#prefixes, namespace, after, batch, signal: ended, onBroken });
  }

  head(): Promise<Position> {
    return this.#work(async () => {
      const [newest] = await this.#read(readAllRequest(this.#prefixes, { direction: 'backwards', limit: 1 }));
      return newest?.position ?? 0;
    });
  }

  /** That of the whole server, other services' events included: what a scavenge removed may have stood anywhere before it. */
  end(): Promise<Position> {
    return this.#work(async () => {
      const [newest] = await this.#insist((leftMs) => this.#connection.read(endOfAllRequest(), Math.min(leftMs, this.#options.attemptMs)));
      const event = newest?.getEvent()?.getEvent();
      return event === undefined ? 0 : positionOf(event); // of a stranger's event, so nothing else of it is read
    });
  }

  remove(stream: string): Promise<void> {
    return this.#work(() => this.#remove(this.#nameOf(stream), 'any'));
  }

  expire(stream: string, at: number): Promise<void> {
    const name = this.#nameOf(stream);
    const now = this.#options.clock();
    if (at <= now) return this.remove(stream);
    return this.#work(() => this.#insist(() => this.#fate.expire(name, at, now)));
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled([...this.#working]);
  }

  /** Each try is the same append; an answer that does not come decides nothing. */
  async #append(stream: string, events: readonly NewEvent[], expect: ExpectedRevision): Promise<Appended> {
    const proposed = events.map(asProposed);
    const send = (leftMs: number) =>
      this.#connection.appends.send({ stream, expect, events: proposed }, Math.min(leftMs, this.#options.attemptMs));
    return this.#insist(async (leftMs) => {
      try {
        return await this.#located(stream, await send(leftMs));
      } catch (error) {
        if (error instanceof StreamIsDeleted) throw this.#conflict(stream, error);
        if (!(error instanceof WrongRevision)) throw error;
        return (await this.#repeated(stream, events, expect, leftMs)) ?? (await this.#buryAndAppend(stream, expect, error, send));
      }
    });
  }

  /** Are these very events what stands after the expected revision? Then it is a resend (design §4). */
  async #repeated(stream: string, events: readonly NewEvent[], expect: ExpectedRevision, leftMs: number): Promise<Appended | undefined> {
    if (expect === 'any' || expect === 'stream-exists') return undefined;
    const from = expect === 'no-stream' ? undefined : expect + 1;
    const stored = await this.#readStream(stream, { limit: events.length, ...(from === undefined ? {} : { from }) }, leftMs);
    const first = from ?? stored[0]?.revision;
    const same = events.every(({ id }, index) => stored[index]?.id === id && stored[index]?.revision === (first ?? 0) + index);
    const last = stored.at(-1);
    return same && last !== undefined ? { revision: last.revision, position: last.position } : undefined;
  }

  /**
   * A stream whose events have all expired still has its last revision on the server, which therefore refuses `no-stream`. It is
   * deleted first, at that very revision: whoever revived it meanwhile has moved it on, and wins.
   */
  async #buryAndAppend(
    stream: string,
    expect: ExpectedRevision,
    wrong: WrongRevision,
    send: (leftMs: number) => Promise<LaneAnswer>,
  ): Promise<Appended> {
    const { attemptMs } = this.#options;
    if (expect !== 'no-stream' || wrong.current === undefined) throw this.#conflict(stream, wrong);
    if ((await this.#readStream(stream, { limit: 1 }, attemptMs)).length > 0) throw this.#conflict(stream, wrong);
    try {
      await this.#connection.delete(stream, wrong.current, attemptMs);
      return await this.#located(stream, await send(attemptMs));
    } catch (error) {
      throw error instanceof WrongRevision ? this.#conflict(stream, error) : error;
    }
  }

  /** A server that recognises a resend may not say where the events stand: then it is read. */
  async #located(stream: string, { revision, position }: LaneAnswer): Promise<Appended> {
    if (position !== undefined) return { revision, position };
    const request = readStreamRequest(stream, { from: revision, limit: 1 });
    const [event] = await this.#events(request, this.#options.attemptMs);
    if (event === undefined) throw new Unavailable('events that were appended before are removed by now');
    return { revision, position: event.position };
  }

  async #readStream(stream: string, { from, direction, limit }: ReadOptions, forMs?: number): Promise<readonly StoredEvent[]> {
    if (limit === 0) return [];
    const events = await this.#read(readStreamRequest(stream, { from, direction, limit }), forMs);
    // The oldest event goes first, and when it goes all are gone: where it is seen, the metadata need not be asked.
    if (events.length === 0 || events.some(({ revision }) => revision === 0)) return events;
    const expired = await this.#insist(() => this.#fate.hasExpired(stream, this.#options.clock()), forMs);
    return expired ? [] : events;
  }

  #read(request: ReadRequest, forMs?: number): Promise<readonly StoredEvent[]> {
    return this.#insist((leftMs) => this.#events(request, Math.min(leftMs, this.#options.attemptMs)), forMs);
  }

  async #events(request: ReadRequest, deadlineMs: number): Promise<readonly StoredEvent[]> {
    const responses = await this.#connection.read(request, deadlineMs);
    return responses.flatMap((response) => {
      const event = response.getEvent()?.getEvent();
      return event === undefined ? [] : [asStored(event, this.#options.namespace)];
    });
  }

  async #remove(stream: string, expect: number | 'any'): Promise<void> {
    try {
      await this.#insist(() => this.#connection.delete(stream, expect, this.#options.attemptMs));
    } catch (error) {
      if (!(error instanceof WrongRevision)) throw error; // `any` fails so where there is nothing to remove
    }
  }

  #insist<T>(attempt: (leftMs: number) => Promise<T>, forMs = this.#options.giveUpMs): Promise<T> {
    return insist(forMs, attempt);
  }

  /** Keeps what was accepted for `close`, and lets no engine's error out. */
  async #work<T>(work: () => Promise<T>): Promise<T> {
    if (this.#closing.signal.aborted) throw new Unavailable('the event store is closed');
    const working = work();
    this.#working.add(working);
    try {
      return await working;
    } catch (error) {
      throw error instanceof Unsure || error instanceof Refused || error instanceof StreamIsDeleted ? asUnavailable(error) : error;
    } finally {
      this.#working.delete(working);
    }
  }

  #nameOf(stream: string): string {
    const name = `${this.#options.namespace}${stream}`;
    if (!this.#prefixes.some((prefix) => name.startsWith(prefix))) throw new RangeError('a stream outside the prefixes of its service');
    return name;
  }

  #conflict(stream: string, cause: Error): Conflict {
    return new Conflict(stream.slice(this.#options.namespace.length), { cause });
  }
}
