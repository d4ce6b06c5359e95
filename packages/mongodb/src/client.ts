import { MongoClient, type MongoClientOptions } from 'mongodb';

/** So that a dead engine fails within 2 s (design §7); one that went silent is found by the heartbeat, which breaks what waits for it. */
const SELECTED_WITHIN_MS = 1_000;
const HEARTBEAT_MS = 2_000;
/** Longer than any heartbeat may take: connecting and greeting, or waiting as long as a server may wait before it answers. */
const STUCK_AFTER_MS = SELECTED_WITHIN_MS + HEARTBEAT_MS + 1_000;

/**
 * The one client of a process, for all adapters; whoever opens it closes it, after them. It connects when it is first used and comes back by
 * itself. Writes are on a majority, and on its disks, before they are answered. @throws NoConnectionString
 */
export const openMongoClient = (url: string): MongoClient => {
  try {
    return new WatchedClient(url, OPTIONS);
  } catch {
    throw new NoConnectionString('MONGODB_URL is no connection string of MongoDB: mongodb://[user:password@]host:port[,…]/[?options]');
  }
};

/** The driver's own text is left out, and with it the cause: it may quote the string, credentials and all. */
export class NoConnectionString extends Error {
  readonly code = 'mongodb/no-connection-string';
}

const OPTIONS: MongoClientOptions = {
  appName: 'flexistream',
  serverSelectionTimeoutMS: SELECTED_WITHIN_MS,
  connectTimeoutMS: SELECTED_WITHIN_MS,
  heartbeatFrequencyMS: HEARTBEAT_MS,
  writeConcern: { w: 'majority', journal: true },
};

/**
 * Connects anew when a heartbeat neither succeeds nor fails. The driver (7.9) waits for ever for the `drain` of a socket that was destroyed
 * but has not said so yet: when all connections break at once, as when an engine is killed, its monitor may hang and no server is ever
 * found again. Nor does a client come back whose connecting has failed: all that follows fails at once, for ever. So it connects again by itself.
 */
class WatchedClient extends MongoClient {
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  #ended = false;
  #again: NodeJS.Timeout | undefined;

  constructor(url: string, options: MongoClientOptions) {
    super(url, options);
    const over = ({ connectionId }: { readonly connectionId: string }) => this.#unwatch(connectionId);
    this.on('serverHeartbeatStarted', ({ connectionId }) => this.#watch(connectionId));
    this.on('serverHeartbeatSucceeded', over);
    this.on('serverHeartbeatFailed', over);
  }

  override async connect(): Promise<this> {
    try {
      return await super.connect();
    } catch (error) {
      this.#connectSoon();
      throw error;
    }
  }

  override async close(force = false): Promise<void> {
    this.#ended = true;
    clearTimeout(this.#again);
    this.#unwatchAll();
    await super.close(force);
  }

  #watch(server: string): void {
    this.#unwatch(server);
    if (!this.#ended) this.#waiting.set(server, setTimeout(() => this.#connectAnew(), STUCK_AFTER_MS).unref());
  }

  #unwatch(server: string): void {
    clearTimeout(this.#waiting.get(server));
    this.#waiting.delete(server);
  }

  #unwatchAll(): void {
    for (const server of [...this.#waiting.keys()]) this.#unwatch(server);
  }

  #connectSoon(): void {
    if (this.#ended || this.#again !== undefined) return;
    this.#again = setTimeout(() => {
      this.#again = undefined;
      this.connect().catch(() => {}); // and then soon again
    }, SELECTED_WITHIN_MS).unref();
  }

  async #connectAnew(): Promise<void> {
    this.#unwatchAll();
    await super.close().catch(() => {});
    if (!this.#ended) await this.connect().catch(() => {});
  }
}
