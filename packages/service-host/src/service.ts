import type {
  Caller,
  CallsOf,
  InputOf,
  IntegrationEvent,
  InternalCallName,
  OutputOf,
  RouteId,
  RoutesOf,
  routes,
  ServiceName,
} from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import type { Handler } from '@flexistream/http';
import type { Clock, CommandContext, Journal, Position, StoredEvent } from '@flexistream/kernel';
import type { KeyStore, Pseudonyms, Vault } from '@flexistream/key-store';
import type { Log } from '@flexistream/observability';
import type { Collection, Document, Projection, Query } from '@flexistream/read-models';

type HandlerOf<Id extends RouteId> = (typeof routes)[Id]['access'] extends 'public' ? Handler<Caller | undefined> : Handler<Caller>;

/** One handler for each row of the route catalogue that names this service. */
export type HandlersOf<S extends ServiceName> = { readonly [Id in RoutesOf<S>]: HandlerOf<Id> };

/** One answer for each internal call of this service. `context` carries who asks (`actor` is `system:<service>`) and the trace. */
export type AnswersOf<S extends ServiceName> = {
  readonly [N in CallsOf<S>]: (input: InputOf<N>, context: CommandContext) => Promise<OutputOf<N>>;
};

/** Asks another service. In one process a plain call, between processes HTTP with a signed identity. */
export type AskService = <N extends InternalCallName>(name: N, input: InputOf<N>, context: CommandContext) => Promise<OutputOf<N>>;

/** The documents of this service's projections: queries only, writing belongs to the projections. */
export interface Views {
  get<D extends Document>(projection: Projection, collection: Collection, id: string | number): Promise<D | undefined>;
  getMany<D extends Document>(
    projection: Projection,
    collection: Collection,
    ids: readonly (string | number)[],
  ): Promise<ReadonlyMap<string, D>>;
  find<D extends Document>(projection: Projection, collection: Collection, query: Query): Promise<readonly D[]>;
}

/** What every service is made from. */
export interface Ports {
  readonly journal: ServiceJournal;
  readonly views: Views;
  readonly vault: Vault;
  readonly keys: KeyStore;
  /** Opened at the first call, so that only who needs them keeps a key for them. */
  readonly pseudonyms: () => Promise<Pseudonyms>;
  readonly ephemeral: Ephemeral;
  readonly ask: AskService;
  readonly clock: Clock;
  readonly log: Log;
}

export interface ServiceJournal extends Journal {
  /** Removes a stream; see EventStore.remove. */
  remove(stream: string): Promise<void>;
  /** From that moment (ms since 1970) the stream reads as removed. */
  expire(stream: string, at: number): Promise<void>;
  /** The position of the newest event, 0 when there is none. */
  head(): Promise<Position>;
  /** Resolves when the projection has taken in that position, or after `atMostMs`. */
  whenProjected(projection: Projection, position: number, atMostMs?: number): Promise<void>;
}

/** What a private event tells others; nothing for most (design §6). `id`, `time`, `sequence`, `correlation` are filled in from the event. */
export type Published = IntegrationEvent extends infer E
  ? E extends IntegrationEvent
    ? Pick<E, 'type' | 'subject' | 'data'>
    : never
  : never;
export type Relay = (event: StoredEvent) => readonly Published[];

/** Reacts to others' integration events. A repeat must be harmless: commands derive their id from the event's. */
export interface Reaction {
  readonly topics: readonly ServiceName[];
  readonly handle: (event: IntegrationEvent, context: CommandContext) => Promise<void>;
}

export interface Schedule {
  readonly name: string;
  readonly everySeconds: number;
  readonly run: (context: CommandContext) => Promise<void>;
}

/** What a service is made of, as a value. */
export interface Service<S extends ServiceName = ServiceName> {
  readonly name: S;
  /** Prefixes of its streams; none belongs to two services. */
  readonly prefixes: readonly string[];
  readonly handlers: HandlersOf<S>;
  readonly answers: AnswersOf<S>;
  readonly projections: readonly Projection[];
  /** Undefined: it tells others nothing, and nobody reads its log for them. */
  readonly publishes: Relay | undefined;
  readonly reactions: readonly Reaction[];
  readonly schedules: readonly Schedule[];
}

/** The shape that hosts work with: a service without its static row types. */
export interface AnyService {
  readonly name: ServiceName;
  readonly prefixes: readonly string[];
  readonly handlers: Readonly<Partial<Record<RouteId, Handler<never>>>>;
  readonly answers: Readonly<Record<string, (input: never, context: CommandContext) => Promise<unknown>>>;
  readonly projections: readonly Projection[];
  /** Undefined: it tells others nothing, and nobody reads its log for them. */
  readonly publishes: Relay | undefined;
  readonly reactions: readonly Reaction[];
  readonly schedules: readonly Schedule[];
}
