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

export interface Consumer {
  /** Resolves when everything that was published before the call is handled or parked. */
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
  parked(group: string): Promise<readonly ParkedIntegrationEvent[]>;
  /**
   * Has a running consumer of the group try the parked events of one key again, each once, in order, up to the first that fails;
   * answers how many went through. Later events of the key flow again when none is left.
   */
  retryParked(group: string, key: string): Promise<number>;
  close(): Promise<void>;
}
