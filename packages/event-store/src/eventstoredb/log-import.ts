import { Conflict, type NewEvent, Unavailable } from '@flexistream/kernel';
import { asProposed } from './codec.ts';
import type { EventStoreDbConnection } from './connection.ts';
import { asUnavailable, StreamIsDeleted, Unsure, WrongRevision } from './failures.ts';
import { pause } from './patience.ts';

export interface LogImportOptions {
  readonly connection: EventStoreDbConnection;
  readonly namespace: string;
  /** How many appends may be under way; default 512. */
  readonly window?: number;
  /** How long the server may be silent before it is given up, in milliseconds; default a minute. */
  readonly giveUpMs?: number;
}

/** Events that stand side by side in one stream. */
export interface ImportedAppend {
  readonly stream: string;
  /** Of the first of them. */
  readonly revision: number;
  readonly events: readonly NewEvent[];
}

interface Sent {
  readonly append: ImportedAppend;
  /** Never rejects: what is under way behind a failure is nobody's yet. */
  readonly outcome: Promise<Error | undefined>;
}

const ATTEMPT_MS = 15_000;

/**
 * Writes another log, in its order and at its revisions, one append behind the other without waiting for the answers. The same
 * again is recognised by the server. `EventStoreDb.append` would not do: it repeats each append by itself, and so in any order.
 * A connection that breaks loses an end of what was sent, so the order holds; a server that passes over one and takes those behind it
 * leaves another order between streams: whoever imports compares afterwards.
 */
export class LogImport {
  readonly #options: Required<LogImportOptions>;

  constructor(options: LogImportOptions) {
    this.#options = { window: 512, giveUpMs: 60_000, ...options };
  }

  /** @throws Conflict where something else stands, Unavailable when the server cannot be reached for long. */
  async append(appends: Iterable<ImportedAppend>, onDone: (events: number) => void = () => {}): Promise<void> {
    const underWay: Sent[] = [];
    const settleOldest = async (): Promise<void> => {
      const oldest = underWay[0];
      if (oldest === undefined) return;
      const failure = await oldest.outcome;
      if (failure !== undefined) return this.#again(underWay);
      underWay.shift();
      onDone(oldest.append.events.length);
    };
    for (const append of appends) {
      underWay.push(this.#send(append));
      while (underWay.length >= this.#options.window) await settleOldest();
    }
    while (underWay.length > 0) await settleOldest();
  }

  /** Whose events were removed: it reads as empty, and what comes goes on after that revision. One that has gone on stays as it is. */
  async bury(stream: string, revision: number): Promise<void> {
    await this.#patiently(async () => {
      try {
        await this.#options.connection.delete(`${this.#options.namespace}${stream}`, revision, ATTEMPT_MS);
      } catch (error) {
        if (!(error instanceof WrongRevision || error instanceof StreamIsDeleted)) throw error;
      }
    });
  }

  #send(append: ImportedAppend): Sent {
    const { connection, namespace } = this.#options;
    const { stream, revision, events } = append;
    const expect = revision === 0 ? 'no-stream' : revision - 1;
    const sent = connection.appends.send({ stream: `${namespace}${stream}`, expect, events: events.map(asProposed) }, ATTEMPT_MS);
    const outcome = sent.then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Unsure('an append failed', { cause: error })),
    );
    return { append, outcome };
  }

  /** From the first one that failed on, all that was under way goes once more, in its order: what is behind it may have failed with it. */
  async #again(underWay: Sent[]): Promise<void> {
    const [oldest] = underWay;
    if (oldest === undefined) return;
    await Promise.all(underWay.map(({ outcome }) => outcome));
    await this.#patiently(async () => {
      const error = await this.#send(oldest.append).outcome;
      if (error instanceof Unsure) throw error;
      if (error !== undefined) throw refusal(oldest.append.stream, error);
    });
    underWay.splice(0, underWay.length, ...underWay.map(({ append }) => this.#send(append)));
  }

  async #patiently(attempt: () => Promise<void>): Promise<void> {
    for (const end = Date.now() + this.#options.giveUpMs; ; ) {
      try {
        return await attempt();
      } catch (error) {
        if (!(error instanceof Unsure)) throw error;
        if (Date.now() > end) throw new Unavailable('EventStoreDB does not answer', { cause: error });
        await pause(250);
      }
    }
  }
}

const refusal = (stream: string, failure: Error): Error =>
  failure instanceof WrongRevision || failure instanceof StreamIsDeleted
    ? new Conflict(stream, { cause: failure })
    : asUnavailable(failure);
