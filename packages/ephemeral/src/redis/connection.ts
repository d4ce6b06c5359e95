import { Unavailable } from '@flexistream/kernel';
import { Cluster, Redis } from 'ioredis';
import type { Script } from './scripts.ts';

export type Commands = Redis | Cluster;

export interface ConnectionOptions {
  /** `redis://[user:password@]host:port[/db]` or `rediss://…`; several by commas are the nodes of a cluster. */
  readonly url: string;
  /** Told of each loss and each failed attempt to connect; a reconnection follows by itself. */
  readonly onError?: (error: Error) => void;
}

/** It answers, and does not let this process in. Its own text is left out: it may name the user. */
export class RefusedByRedis extends Error {
  readonly code = 'ephemeral/refused';
}

/** `url` is none of Redis. It is not quoted: it may hold credentials. */
export class NoRedisUrl extends Error {
  readonly code = 'ephemeral/no-redis-url';
}

/** Waiting for a connection, then for an answer: together a dead Redis fails within 2 s (design §7). */
const CONNECTED_WITHIN_MS = 700;
const ANSWERED_WITHIN_MS = 800;
const LONGEST_PAUSE_MS = 1_000;

/**
 * A connection that comes back by itself. What was under way when it was lost fails and is not sent again: it may have been done, and
 * a second `once` or `advance` would answer that somebody else was first.
 */
export class RedisConnection {
  readonly #redis: Commands;
  #ready = Promise.withResolvers<void>();
  #downSince: number | undefined = performance.now();
  #refusal: RefusedByRedis | undefined;

  constructor({ url, onError = () => {} }: ConnectionOptions) {
    this.#redis = connect(url);
    this.#redis.on('error', (error: Error) => {
      this.#refusal = isRefusal(error) ? new RefusedByRedis('it refuses the credentials') : undefined;
      onError(error);
    });
    this.#redis.on('ready', () => this.#isUp());
    this.#redis.on('close', () => this.#isDown());
  }

  /** Counts connections: what was learnt about a server may have changed when this has. */
  connections = 0;

  /** @throws Unavailable within 2 s. */
  async run<T>(command: (redis: Commands) => Promise<T>): Promise<T> {
    try {
      await this.#connected();
      return await within(ANSWERED_WITHIN_MS, command(this.#redis));
    } catch (cause) {
      throw new Unavailable('Redis does not answer', {
        cause: isRefusal(cause) ? new RefusedByRedis('it refuses the credentials') : (this.#refusal ?? cause),
      });
    }
  }

  evaluate(script: Script, key: string, ...values: readonly (string | number)[]): Promise<unknown> {
    return this.run(async (redis) => {
      try {
        return await redis.evalsha(script.sha, 1, key, ...values);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return await redis.eval(script.lua, 1, key, ...values);
      }
    });
  }

  async close(): Promise<void> {
    if (this.#downSince === undefined) await within(ANSWERED_WITHIN_MS, this.#redis.quit()).catch(() => {}); // behind what is under way
    this.#redis.disconnect();
  }

  /** Waits a moment for a connection that is down; later callers of a long outage wait no more. */
  async #connected(): Promise<void> {
    if (this.#downSince === undefined) return;
    await within(Math.max(0, this.#downSince + CONNECTED_WITHIN_MS - performance.now()), this.#ready.promise);
  }

  #isUp(): void {
    this.connections++;
    this.#refusal = undefined;
    this.#downSince = undefined;
    this.#ready.resolve();
  }

  #isDown(): void {
    if (this.#downSince !== undefined) return;
    this.#downSince = performance.now();
    this.#ready = Promise.withResolvers();
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && /^(WRONGPASS|NOAUTH|NOPERM|ERR invalid password)/.test(error.message);

const pauseBefore = (attempt: number): number => Math.min(25 * 2 ** Math.min(attempt, 10), LONGEST_PAUSE_MS);

const OPTIONS = {
  autoResendUnfulfilledCommands: false,
  enableOfflineQueue: false,
  connectTimeout: CONNECTED_WITHIN_MS,
  socketTimeout: ANSWERED_WITHIN_MS, // a peer that went silent is given up, not waited for as long as TCP would
  reconnectOnError: (error: Error) => error.message.startsWith('READONLY'), // it has become a replica
};

const connect = (url: string): Commands => {
  const nodes = url.split(',').map((node) => node.trim());
  if (!nodes.every(isRedisUrl))
    throw new NoRedisUrl('REDIS_URL is no address of Redis: redis://[user:password@]host:port[/db], or rediss://…');
  const [first = ''] = nodes;
  if (nodes.length === 1) return new Redis(first, { ...OPTIONS, retryStrategy: pauseBefore });
  const { enableOfflineQueue, ...redisOptions } = OPTIONS;
  return new Cluster(nodes, {
    enableOfflineQueue,
    clusterRetryStrategy: pauseBefore,
    redisOptions: { ...redisOptions, ...credentialsOf(new URL(first)) },
  });
};

const isRedisUrl = (text: string): boolean => {
  const url = URL.parse(text);
  return (url?.protocol === 'redis:' || url?.protocol === 'rediss:') && url.hostname !== '';
};

/** Those of the first node are good for all of a cluster. */
const credentialsOf = ({ username, password, protocol }: URL) => ({
  ...(username !== '' && { username: decodeURIComponent(username) }),
  ...(password !== '' && { password: decodeURIComponent(password) }),
  ...(protocol === 'rediss:' && { tls: {} }),
});

const within = async <T>(milliseconds: number, work: Promise<T>): Promise<T> => {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`no answer within ${Math.round(milliseconds)} ms`)), milliseconds);
  work.catch(() => {}); // what fails after its time is nobody's
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
};
