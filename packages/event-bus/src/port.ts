import type { IntegrationEvent } from '@flexistream/contracts';

/** What to do with an event that failed: wait and try again, or set it (and later ones of its key) aside. */
export type Failure = { readonly action: 'retry'; readonly afterMs: number } | { readonly action: 'park' };
export type FailurePolicy = (error: unknown, attempt: number) => Failure;

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /** Effects must be done when it resolves; a repeat must be harmless (at least once). */
  readonly handle: (event: IntegrationEvent) => Promise<void>;
  readonly onFailure: FailurePolicy;
}

/** Who only wants to hear: every listener gets every event, so none needs to know of another. */
export interface ListenOptions {
  /** Begins the name by which the engine's own tools show the listener. */
  readonly name: string;
  readonly topics: readonly string[];
  readonly handle: (event: IntegrationEvent) => Promise<void>;
  /** Hears why an event was not handled. It is passed by all the same: not tried again, not parked. */
  readonly onFailure: (error: unknown) => void;
}

export interface Consumer {
  /** Resolves when everything that was published before the call is handled, parked or passed by. */
  caughtUp(): Promise<void>;
  /** Finishes the current event, keeps its offset, stops. */
  stop(): Promise<void>;
}

export interface ParkedIntegrationEvent {
  readonly group: string;
  readonly topic: string;
  readonly event: IntegrationEvent;
  readonly error: string;
}

/** Keyed topics in order per key (`subject`), at least once, offsets kept durably after the effects. */
export interface EventBus {
  publish(topic: string, events: readonly IntegrationEvent[]): Promise<void>;
  consume(options: ConsumeOptions): Promise<Consumer>;
  /**
   * Hears what is published after it has resolved, in order per key. Nothing is kept of it: no group, no offset, nothing parked. While the
   * engine is away nothing is missed; what is published after `stop` is.
   */
  listen(options: ListenOptions): Promise<Consumer>;
  parked(group: string): Promise<readonly ParkedIntegrationEvent[]>;
  /**
   * Has a running consumer of the group try the parked events of one key again, each once, in order, up to the first that fails;
   * answers how many went through. Later events of the key flow again when none is left.
   */
  retryParked(group: string, key: string): Promise<number>;
  /**
   * Forgets how far the group has read: its next consumer begins with the oldest that its topics still hold. What is parked stays parked.
   * @throws GroupRuns while a consumer of the group runs, in whatever process
   */
  rewind(group: string): Promise<void>;
  close(): Promise<void>;
}
