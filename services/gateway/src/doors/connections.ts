import type { Incoming, Outgoing } from '../request/incoming.ts';
import { http2Stream } from '../request/incoming.ts';

/** An HTTP/1.1 socket or an HTTP/2 session. */
interface Connection {
  open: number;
  /** Lets it end in peace: only called while nothing is open on it. */
  readonly end: () => void;
  /** Answers what is open, takes nothing more. */
  readonly hurry: () => void;
  readonly destroy: () => void;
}

/**
 * Which requests are open on which connection, so that each connection is ended at an instant without any: a GOAWAY fails whatever
 * Flexisip has in flight or waiting (spec statistics.md §11.2, §12.4).
 */
export class Connections {
  readonly #connections = new Map<object, Connection>();
  #closing = false;
  #whenGone: (() => void) | undefined;

  get closing(): boolean {
    return this.#closing;
  }

  get openRequests(): number {
    let open = 0;
    for (const connection of this.#connections.values()) open += connection.open;
    return open;
  }

  add(subject: object, ways: Omit<Connection, 'open'>): void {
    this.#connections.set(subject, { open: 0, ...ways });
  }

  remove(subject: object): void {
    this.#connections.delete(subject);
    if (this.#closing && this.#connections.size === 0) this.#whenGone?.();
  }

  begin(request: Incoming, response: Outgoing): void {
    const connection = this.#connections.get(http2Stream(request)?.session ?? request.socket);
    if (connection === undefined) return;
    connection.open++;
    response.once('close', () => {
      connection.open--;
      if (this.#closing && connection.open === 0) connection.end();
    });
  }

  /**
   * Resolves when every connection has ended. One that is never without a request is asked to end after `limitMs`: what is open on it
   * is still answered, but its client may give it up. What is left `graceMs` later is cut.
   */
  async end(limitMs: number, graceMs = 2000): Promise<void> {
    this.#closing = true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#whenGone = resolve;
    this.#forEach(({ open, end }) => {
      if (open === 0) end();
    });
    if (this.#connections.size === 0) return;
    const late = setTimeout(() => this.#forEach(({ hurry }) => hurry()), limitMs);
    const tooLate = setTimeout(() => {
      this.#forEach(({ destroy }) => destroy());
      resolve();
    }, limitMs + graceMs);
    await promise;
    clearTimeout(late);
    clearTimeout(tooLate);
  }

  #forEach(act: (connection: Connection) => void): void {
    for (const connection of [...this.#connections.values()]) act(connection);
  }
}
