import { setTimeout as wait } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import type { Turns } from '../embedded/turns.ts';
import { ConsumerStopped, OffsetBeyondEnd } from '../errors.ts';
import type { ConsumeOptions, Consumer } from '../port.ts';
import { BatchHandling } from './batch-handling.ts';
import { Committed } from './commits.ts';
import type { DeadLetters } from './dead-letters.ts';
import { Member } from './member.ts';
import type { KafkaBusOptions } from './options.ts';
import { placeName, type Topics } from './topics.ts';

export interface KafkaConsumerParts extends ConsumeOptions {
  readonly kafka: Kafka;
  readonly topicsOf: Topics;
  readonly letters: DeadLetters;
  readonly turns: Turns;
  readonly options: KafkaBusOptions;
  readonly stopped: () => void;
}

const FETCH_BYTES = 256 * 1024;
const FETCH_BYTES_PARTITION = 64 * 1024;
const ASK_EVERY_MS = 100;

/**
 * A member of a consumer group. kafkajs ends every handler before it joins the group anew, and handlers commit before they end: a
 * partition that moves to another member takes all that was done with it.
 */
export class KafkaConsumer implements Consumer {
  readonly handle: ConsumeOptions['handle'];
  readonly #parts: KafkaConsumerParts;
  readonly #stopping = new AbortController();
  readonly #committed = new Committed();
  readonly #handling: BatchHandling;
  readonly #ended = Promise.withResolvers<never>();
  readonly #pauses = new Set<NodeJS.Timeout>();
  #member: Member | undefined;
  #stop: Promise<void> | undefined;

  private constructor(parts: KafkaConsumerParts) {
    this.#parts = parts;
    this.handle = parts.handle;
    const { heartbeatMs = 1_000, onTrouble = () => {} } = parts.options;
    this.#handling = new BatchHandling({
      ...parts,
      committed: this.#committed,
      stopping: this.#stopping.signal,
      heartbeatMs,
      onTrouble,
      resumeAfter: (milliseconds, resume) => this.#resumeAfter(milliseconds, resume),
    });
    this.#ended.promise.catch(() => {}); // told to whoever waits
  }

  /** Resolves when it is a member of its group. @throws OffsetBeyondEnd, Unavailable */
  static async start(parts: KafkaConsumerParts): Promise<KafkaConsumer> {
    const consumer = new KafkaConsumer(parts);
    await consumer.#refuseOffsetBeyondEnd();
    await consumer.#join();
    return consumer;
  }

  reads(group: string, topic: string): boolean {
    return this.#parts.group === group && this.#parts.topics.includes(topic);
  }

  /** @throws ConsumerStopped, OffsetBeyondEnd, Unavailable */
  async caughtUp(): Promise<void> {
    const { topicsOf, topics, group } = this.#parts;
    const ends = await topicsOf.ends(topics);
    while (!ends.every((end) => this.#committed.has(end))) {
      if (this.#stopping.signal.aborted) throw new ConsumerStopped(`group ${group}`);
      await Promise.race([this.#committed.next, wait(ASK_EVERY_MS), this.#ended.promise]);
      if (ends.every((end) => this.#committed.has(end))) return;
      for (const place of await topicsOf.committed(group, topics)) this.#committed.reach(place); // other members have parts of it
    }
  }

  stop(): Promise<void> {
    this.#stop ??= this.#leave();
    return this.#stop;
  }

  async #leave(): Promise<void> {
    this.#stopping.abort();
    this.#ended.reject(new ConsumerStopped(`group ${this.#parts.group}`));
    for (const pause of this.#pauses) clearTimeout(pause);
    await this.#member?.stop();
    this.#parts.stopped();
  }

  async #join(): Promise<void> {
    const { kafka, group, topics, topicsOf, options } = this.#parts;
    this.#member = await Member.join({
      kafka,
      topics,
      config: () => ({
        groupId: group,
        sessionTimeout: options.sessionMs ?? 10_000,
        heartbeatInterval: options.heartbeatMs ?? 1_000,
        maxWaitTimeInMs: options.fetchWaitMs ?? 250,
        maxBytes: FETCH_BYTES,
        maxBytesPerPartition: FETCH_BYTES_PARTITION,
      }),
      take: (payload) => this.#handling.take(payload),
      joined: () => this.#committed.forget(),
      beforeAnew: () => topicsOf.remake(topics),
      busy: () => this.#handling.busy,
      silentMs: options.silentMs ?? 30_000,
      onTrouble: options.onTrouble ?? (() => {}),
    });
  }

  async #refuseOffsetBeyondEnd(): Promise<void> {
    const { topicsOf, topics, group } = this.#parts;
    const committed = await topicsOf.committed(group, topics);
    if (committed.length === 0) return;
    const ends = new Map((await topicsOf.everyEnd(topics)).map((end) => [placeName(end), end.offset]));
    for (const place of committed) {
      const end = ends.get(placeName(place)) ?? 0;
      if (place.offset > end) throw new OffsetBeyondEnd(group, `${place.topic}, partition ${place.partition},`, place.offset, end);
    }
  }

  #resumeAfter(milliseconds: number, resume: () => void): void {
    if (this.#stopping.signal.aborted) return;
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      resume();
    }, milliseconds);
    this.#pauses.add(pause);
  }
}
