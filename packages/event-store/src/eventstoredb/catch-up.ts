import { setImmediate } from 'node:timers/promises';
import type { StoredEvent } from '@flexistream/kernel';
import type { ClientReadableStream } from '@grpc/grpc-js';
import { asStored } from './codec.ts';
import type { EventStoreDbConnection } from './connection.ts';
import { failureOf, Unsure } from './failures.ts';
import { pause } from './patience.ts';
import type { ReadResponse } from './protocol.ts';
import { subscribeRequest } from './requests.ts';

export interface CatchUpOptions {
  readonly prefixes: readonly string[];
  readonly namespace: string;
  readonly after: number;
  readonly batch: number;
  readonly signal: AbortSignal;
  /** Hears why a subscription broke, each time before it is opened again. */
  readonly onBroken: (error: unknown) => void;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Pulls batches from `$all`, filtered by the server, and opens the subscription again where it broke: after the last event that was
 * handed out, or after the checkpoint behind it. So nothing is missed, and what is at or before that place is not handed out again.
 */
export async function* catchUp(connection: EventStoreDbConnection, options: CatchUpOptions): AsyncGenerator<readonly StoredEvent[]> {
  const { signal, onBroken } = options;
  const place = { position: options.after };
  let failures = 0;
  while (!signal.aborted) {
    try {
      for await (const events of subscription(connection, place, options)) {
        failures = 0;
        yield events;
        if (signal.aborted) return;
      }
    } catch (error) {
      if (signal.aborted) return;
      onBroken(error);
      await pause(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(failures++, 10)) * (0.5 + Math.random() / 2), signal);
    }
  }
}

interface Place {
  position: number;
}

/** One subscription, until it breaks or the signal aborts. */
async function* subscription(
  connection: EventStoreDbConnection,
  place: Place,
  { prefixes, namespace, batch, signal }: CatchUpOptions,
): AsyncGenerator<readonly StoredEvent[]> {
  const call = await connection.open(subscribeRequest(prefixes, place.position));
  const inbox = new Inbox(call, signal);
  try {
    let events: StoredEvent[] = [];
    for (;;) {
      const response = inbox.take() ?? (events.length > 0 ? await inbox.takeSoon() : await inbox.wait());
      const event = response?.getEvent()?.getEvent();
      if (event !== undefined) {
        const stored = asStored(event, namespace);
        if (stored.position > (events.at(-1)?.position ?? place.position)) events.push(stored);
      }
      if (response === undefined || events.length >= batch) {
        if (signal.aborted) return;
        if (events.length > 0) {
          place.position = events.at(-1)?.position ?? place.position;
          yield events;
          events = [];
        }
      }
      // Whatever stands before a checkpoint has been taken; it counts only once that is handed out, too.
      const checkpoint = response?.getCheckpoint();
      if (checkpoint !== undefined && events.length === 0) {
        place.position = Math.max(place.position, Number(checkpoint.getCommitPosition()));
      }
    }
  } finally {
    inbox.close();
  }
}

/** Takes from the call what is there. The call's own buffer is small, and the server waits while nobody takes from it. */
class Inbox {
  readonly #call: ClientReadableStream<ReadResponse>;
  readonly #signal: AbortSignal;
  readonly #cancel: () => void;
  #ended: Error | undefined;
  #wake: () => void = () => {};

  constructor(call: ClientReadableStream<ReadResponse>, signal: AbortSignal) {
    this.#call = call;
    this.#signal = signal;
    this.#cancel = () => {
      call.cancel();
      this.#wake();
    };
    call.on('readable', () => this.#wake());
    call.on('error', (error) => this.#end(failureOf(error)));
    call.on('end', () => this.#end(new Unsure('the server ended the subscription')));
    signal.addEventListener('abort', this.#cancel, { once: true });
    if (signal.aborted) this.#cancel();
  }

  take(): ReadResponse | undefined {
    return this.#call.read() ?? undefined;
  }

  /** What comes within a turn of the event loop: a catch-up is handed out in batches, not one by one. */
  async takeSoon(): Promise<ReadResponse | undefined> {
    await setImmediate();
    return this.take();
  }

  /** The next response; undefined when the signal aborted. @throws what ended the call */
  async wait(): Promise<ReadResponse | undefined> {
    for (;;) {
      if (this.#signal.aborted) return undefined;
      const response = this.take();
      if (response !== undefined) return response;
      if (this.#ended !== undefined) throw this.#ended;
      await new Promise<void>((wake) => {
        this.#wake = wake;
      });
    }
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#cancel);
    this.#call.cancel();
  }

  #end(error: Error): void {
    this.#ended ??= error;
    this.#wake();
  }
}
