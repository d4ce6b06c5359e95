import type { EachBatchPayload, KafkaMessage } from 'kafkajs';
import { asText, tryOnce } from '../embedded/handling.ts';
import type { LogEntry } from '../embedded/topic-log.ts';
import type { Turns } from '../embedded/turns.ts';
import type { ConsumeOptions } from '../port.ts';
import { BatchCommits, type Committed } from './commits.ts';
import type { DeadLetters } from './dead-letters.ts';
import { entryOf } from './entry.ts';

interface Entry extends LogEntry {
  readonly topic: string;
  readonly partition: number;
}

export interface HandlingParts extends ConsumeOptions {
  readonly letters: DeadLetters;
  readonly turns: Turns;
  readonly committed: Committed;
  readonly stopping: AbortSignal;
  readonly heartbeatMs: number;
  readonly onTrouble: (text: string) => void;
  /** Has the partition fetched again after so many milliseconds. */
  readonly resumeAfter: (milliseconds: number, resume: () => void) => void;
}

/** The name under which a key's events are done one at a time, also when parked ones are done again. */
export const turnOf = (group: string, topic: string, key: string): string => JSON.stringify([group, topic, key]);

type Passed = 'done' | { readonly retryAfterMs: number };

/** Handles batches of the partitions that this member of the group has. */
export class BatchHandling {
  readonly #parts: HandlingParts;
  /** How often the event at a place was tried, while it waits for its next attempt. */
  readonly #attempts = new Map<string, { readonly position: number; readonly count: number }>();
  #busy = 0;

  constructor(parts: HandlingParts) {
    this.#parts = parts;
  }

  get busy(): boolean {
    return this.#busy > 0;
  }

  /** One after the other; what waits for its next attempt holds up its own partition only. */
  async take(payload: EachBatchPayload): Promise<void> {
    const { batch, isRunning, isStale, pause } = payload;
    const commits = new BatchCommits(payload, this.#parts.committed);
    const pulse = new Pulse(payload.heartbeat, this.#parts.heartbeatMs);
    this.#busy++;
    try {
      for (const message of batch.messages) {
        if (!isRunning() || isStale() || this.#parts.stopping.aborted || pulse.failed) break;
        const passed = await this.#pass(batch.topic, batch.partition, message);
        if (passed !== 'done') {
          this.#parts.resumeAfter(passed.retryAfterMs, pause());
          break;
        }
        commits.finish(message.offset);
      }
    } finally {
      this.#busy--;
      pulse.stop();
      await commits.settled();
    }
    pulse.check(); // a rebalance waits until all that was done is committed
  }

  async #pass(topic: string, partition: number, message: KafkaMessage): Promise<Passed> {
    const { group, turns, onTrouble } = this.#parts;
    const entry = entryOf(topic, partition, message, onTrouble);
    if (entry === undefined) return 'done';
    return turns.run(turnOf(group, topic, entry.key), () => this.#handle({ ...entry, topic, partition }));
  }

  async #handle({ topic, partition, position, key, body }: Entry): Promise<Passed> {
    const { letters, handle, onFailure } = this.#parts;
    const park = async (error: string): Promise<Passed> => {
      await letters.park({ topic, partition, position, key, body, error });
      return 'done';
    };
    if (await this.#isParked(topic, key)) return park('waits behind an earlier event of its key');
    const place = `${topic}|${partition}`;
    const before = this.#attempts.get(place);
    const count = (before?.position === position ? before.count : 0) + 1;
    const tried = await tryOnce({ position, key, body }, handle);
    if (tried === undefined) {
      this.#attempts.delete(place);
      return 'done';
    }
    const failure = tried.permanent ? ({ action: 'park' } as const) : onFailure(tried.error, count);
    if (failure.action === 'park') {
      this.#attempts.delete(place);
      return park(asText(tried.error));
    }
    this.#attempts.set(place, { position, count });
    return { retryAfterMs: failure.afterMs };
  }

  /** Another process may have had the parked ones done again, so the newest is asked before one more is parked behind them. */
  async #isParked(topic: string, key: string): Promise<boolean> {
    const { letters } = this.#parts;
    if (!letters.has(topic, key)) return false;
    await letters.refresh();
    return letters.has(topic, key);
  }
}

/** Heartbeats while events are handled, however long one takes; remembers why one failed until it may be told. */
class Pulse {
  readonly #timer: NodeJS.Timeout;
  #beating = false;
  #failure: { readonly error: unknown } | undefined;

  constructor(heartbeat: () => Promise<void>, everyMs: number) {
    this.#timer = setInterval(() => this.#beat(heartbeat), everyMs);
  }

  get failed(): boolean {
    return this.#failure !== undefined;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** @throws what made a heartbeat fail: the group is rebalancing, or the member is no longer known */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #beat(heartbeat: () => Promise<void>): Promise<void> {
    if (this.#beating) return;
    this.#beating = true;
    try {
      await heartbeat();
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#beating = false;
    }
  }
}
