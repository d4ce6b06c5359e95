import { randomBytes } from 'node:crypto';
import { Unavailable } from '@flexistream/kernel';
import type { Ephemeral } from '../port.ts';
import { type ConnectionOptions, RedisConnection } from './connection.ts';
import { addToSum, advanceWindow, evictionPolicy, readEpoch } from './scripts.ts';

export interface RedisEphemeralOptions extends ConnectionOptions {
  /** Begins each key, for a Redis that is shared; default `flexistream`. */
  readonly prefix?: string;
}

const WIDEST = 64;

/** Shared by all processes of an installation. Answers also when Redis is down: its operations are unavailable until it is back. */
export const openRedisEphemeral = ({ prefix = 'flexistream', ...connection }: RedisEphemeralOptions): Ephemeral =>
  new RedisEphemeral(new RedisConnection(connection), prefix);

/**
 * Each operation is one command or one script on one key. `durable` is as durable as Redis is set to be. Windows and the epoch share a
 * hash tag: in a cluster they lie, and are lost, together.
 */
class RedisEphemeral implements Ephemeral {
  readonly #redis: RedisConnection;
  readonly #prefix: string;
  #trusted = 0;

  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis;
    this.#prefix = prefix;
  }

  async get(key: string): Promise<string | undefined> {
    return (await this.#redis.run((redis) => redis.get(this.#plain(key)))) ?? undefined;
  }

  async set(key: string, value: string, { ttl }: { readonly ttl: number; readonly durable?: boolean }): Promise<void> {
    await this.#redis.run((redis) => redis.set(this.#plain(key), value, 'PX', lasting(ttl)));
  }

  async take(key: string): Promise<string | undefined> {
    return (await this.#redis.run((redis) => redis.getdel(this.#plain(key)))) ?? undefined;
  }

  async remove(key: string): Promise<void> {
    await this.#redis.run((redis) => Promise.all([redis.unlink(this.#plain(key)), redis.unlink(this.#window(key))]));
  }

  async once(key: string, ttl: number): Promise<boolean> {
    return (await this.#redis.run((redis) => redis.set(this.#plain(key), '', 'PX', lasting(ttl), 'NX'))) === 'OK';
  }

  async add(key: string, by: number, ttl: number): Promise<{ readonly value: number; readonly expiresIn: number }> {
    const [value, left] = (await this.#redis.evaluate(addToSum, this.#plain(key), by, lasting(ttl))) as [string, number];
    return { value: Number(value), expiresIn: Math.max(1, left) };
  }

  async advance(key: string, value: number, window: number, ttl: number): Promise<'fresh' | 'seen'> {
    if (window > WIDEST) throw new RangeError(`a window is at most ${WIDEST} wide`);
    return (await this.#redis.evaluate(advanceWindow, this.#window(key), value, window, lasting(ttl))) === 1 ? 'fresh' : 'seen';
  }

  async epoch(): Promise<string> {
    const key = this.#window('epoch', 'of');
    await this.#refuseForgetful(key);
    return String(await this.#redis.evaluate(readEpoch, key, randomBytes(16).toString('base64url')));
  }

  close(): Promise<void> {
    return this.#redis.close();
  }

  /** A Redis that drops keys for room would admit counters twice. Asked once for each connection. */
  async #refuseForgetful(key: string): Promise<void> {
    const { connections } = this.#redis;
    if (this.#trusted === connections && connections > 0) return;
    const policy = await this.#redis.evaluate(evictionPolicy, key);
    if (policy !== 'noeviction') throw new Unavailable(`Redis drops keys when its memory is full (${policy}): it needs noeviction`);
    this.#trusted = connections;
  }

  #plain(key: string): string {
    return `${this.#prefix}:${key}`;
  }

  #window(key: string, kind = 'window'): string {
    return `${this.#prefix}:{windows}:${kind}:${key}`;
  }
}

/** Redis knows whole milliseconds, at least one. */
const lasting = (ttl: number): number => Math.max(1, Math.ceil(ttl));
