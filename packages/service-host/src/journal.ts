import type { EventStore } from '@flexistream/event-store';
import type { Appended, AppendOptions, NewEvent, Position, StoredEvent } from '@flexistream/kernel';
import { isSealedPart, type Vault } from '@flexistream/key-store';
import { counter, currentTraceparent, type Log, traced } from '@flexistream/observability';
import { describeFailure, type InlineChanges, type Projection } from '@flexistream/read-models';
import { atMost } from './at-most.ts';
import type { ServiceJournal } from './service.ts';

/** How far a projection is, for those who wait for what they wrote. */
export interface Progress {
  whenReached(position: number): Promise<void>;
}

const appendedEvents = counter('flexistream_events_appended', 'Events that were appended to the log');

export interface JournalParts {
  /** Whose log it is, in metrics. */
  readonly service: string;
  readonly store: EventStore;
  readonly vault: Vault;
  readonly log: Log;
  /** Told of every position that is written, where answers wait for views. */
  readonly writes?: { note(position: number): void };
}

/**
 * A service's log as its handlers see it: seals the `personal` part of an event on the way in, opens it on the way out, and hands
 * the changes of the inline projections to the append (design §3, §4).
 */
export class SealingJournal implements ServiceJournal {
  readonly #labels: { readonly service: string };
  readonly #store: EventStore;
  readonly #vault: Vault;
  readonly #log: Log;
  readonly #writes: JournalParts['writes'];
  #inline: readonly Projection[] = [];
  #progress: ReadonlyMap<string, Progress> = new Map();

  constructor({ service, store, vault, log, writes }: JournalParts) {
    this.#labels = { service };
    this.#store = store;
    this.#vault = vault;
    this.#log = log;
    this.#writes = writes;
  }

  /** The service is made from its journal, so its projections are known only afterwards. */
  project(inline: readonly Projection[], progress: ReadonlyMap<string, Progress>): void {
    this.#inline = inline;
    this.#progress = progress;
  }

  async read(stream: string, options: { from?: number } = {}): Promise<readonly StoredEvent[]> {
    return this.#openAll(await this.#store.read(stream, options));
  }

  async last(stream: string): Promise<StoredEvent | undefined> {
    const [newest] = await this.#store.read(stream, { direction: 'backwards', limit: 1 });
    return newest && this.open(newest);
  }

  append(stream: string, events: readonly NewEvent[], { expect, subject }: AppendOptions): Promise<Appended> {
    const attributes = { 'flexistream.events': events.length, 'flexistream.type': events[0]?.type ?? '' };
    return traced('append', { attributes }, async () => {
      const traceparent = currentTraceparent();
      const followed =
        traceparent === undefined ? events : events.map((event) => ({ ...event, metadata: { ...event.metadata, traceparent } }));
      const sealed = await Promise.all(followed.map((event) => this.#seal(event, stream, subject ?? stream)));
      const alongside = this.#changesOf(followed, stream);
      const appended = await this.#store.append(stream, sealed, alongside.length === 0 ? { expect } : { expect, alongside });
      appendedEvents(events.length, this.#labels);
      this.#writes?.note(appended.position);
      return appended;
    });
  }

  remove(stream: string): Promise<void> {
    return this.#store.remove(stream);
  }

  expire(stream: string, at: number): Promise<void> {
    return this.#store.expire(stream, at);
  }

  head(): Promise<Position> {
    return this.#store.head();
  }

  async whenProjected(projection: Projection, position: number, atMostMs = 1_000): Promise<void> {
    const progress = this.#progress.get(projection.name);
    if (progress === undefined) return; // inline: written in the append itself
    await atMost(atMostMs, progress.whenReached(position));
  }

  /** Opens the sealed part of a stored event: its value, or `'erased'`. */
  async open(event: StoredEvent): Promise<StoredEvent> {
    const { personal } = event.data as { personal?: unknown };
    if (!isSealedPart(personal)) return event;
    return { ...event, data: { ...event.data, personal: await this.#vault.open(event.stream, event.id, personal) } };
  }

  #openAll(events: readonly StoredEvent[]): Promise<readonly StoredEvent[]> | readonly StoredEvent[] {
    return events.some(({ data }) => 'personal' in data) ? Promise.all(events.map((event) => this.open(event))) : events;
  }

  async #seal(event: NewEvent, stream: string, subject: string): Promise<NewEvent> {
    const { personal } = event.data as { personal?: unknown };
    if (typeof personal !== 'object' || personal === null) return event;
    return { ...event, data: { ...event.data, personal: await this.#vault.seal(subject, stream, event.id, personal) } };
  }

  /** What the inline projections make of the events; one that throws is parked, the append stands (design §3). */
  #changesOf(events: readonly NewEvent[], stream: string): InlineChanges[] {
    if (!this.#store.appendsViews) return [];
    const all: InlineChanges[] = [];
    for (const projection of this.#inline) {
      try {
        const changes = events.map((event) => projection.changes({ ...event, stream, revision: -1, position: 0 }));
        if (changes.some((some) => some.length > 0)) all.push({ projection, changes: changes as InlineChanges['changes'] });
      } catch (error) {
        this.#log.error({ error, projection: projection.name }, 'a projection failed and was parked');
        all.push({ projection, changes: events.map(() => []), parked: describeFailure(error) });
      }
    }
    return all;
  }
}
