import { setTimeout as wait } from 'node:timers/promises';
import type { Kafka, Consumer as KafkaJsConsumer } from 'kafkajs';
import type { Turns } from '../embedded/turns.ts';
import type { ConsumeOptions, Consumer } from '../port.ts';
import { BatchHandling } from './batch-handling.ts';
import { Committed } from './commits.ts';
import type { DeadLetters } from './dead-letters.ts';
import { ConsumerStopped, OffsetBeyondEnd } from './errors.ts';
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
const PARTITIONS_AT_ONCE = 16;
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
  #member: KafkaJsConsumer | undefined;
  #heard = Date.now();
  #watching: NodeJS.Timeout | undefined;
  #renewing: Promise<void> | undefined;
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
    consumer.#watching = setInterval(() => void consumer.#watch(), (parts.options.silentMs ?? 30_000) / 4).unref();
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
      if (this.#stopping.signal.aborted) throw new ConsumerStopped(group);
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
    this.#ended.reject(new ConsumerStopped(this.#parts.group));
    clearInterval(this.#watching);
    for (const pause of this.#pauses) clearTimeout(pause);
    await this.#renewing;
    await this.#part(this.#member);
    this.#parts.stopped();
  }

  async #join(): Promise<void> {
    const { kafka, group, topics, options } = this.#parts;
    const member = kafka.consumer({
      groupId: group,
      sessionTimeout: options.sessionMs ?? 10_000,
      heartbeatInterval: options.heartbeatMs ?? 1_000,
      maxWaitTimeInMs: options.fetchWaitMs ?? 250,
      maxBytes: FETCH_BYTES,
      maxBytesPerPartition: FETCH_BYTES_PARTITION,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 2_000, restartOnFailure: async () => !this.#stopping.signal.aborted },
    });
    const joined = Promise.withResolvers<void>();
    const { GROUP_JOIN, FETCH, HEARTBEAT, CRASH } = member.events;
    member.on(GROUP_JOIN, () => joined.resolve());
    for (const sign of [GROUP_JOIN, FETCH, HEARTBEAT] as const) member.on(sign, () => this.#hear());
    member.on(CRASH, ({ payload }) => {
      if (payload.restart) return;
      joined.reject(payload.error);
      this.#heard = 0; // for good: made anew at the next look
    });
    this.#member = member;
    await member.connect();
    await member.subscribe({ topics: [...topics], fromBeginning: true });
    await member.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: PARTITIONS_AT_ONCE,
      eachBatch: (payload) => this.#handling.take(payload),
    });
    await joined.promise;
    this.#hear();
  }

  /** Finishes and commits what is handled, then leaves the group; only then the connections go. */
  async #part(member: KafkaJsConsumer | undefined): Promise<void> {
    await member?.stop();
    await member?.disconnect();
  }

  #hear(): void {
    this.#heard = Date.now();
  }

  /** A member that fetches no more, or has crashed for good, is replaced; one whose topics were exchanged ends. */
  async #watch(): Promise<void> {
    const { options, group } = this.#parts;
    if (this.#stopping.signal.aborted || this.#renewing !== undefined) return;
    try {
      await this.#refuseOffsetBeyondEnd();
    } catch (error) {
      if (!(error instanceof OffsetBeyondEnd)) return; // Kafka is away: it cannot be heard of either
      options.onTrouble?.(error.message);
      this.#ended.reject(error);
      await this.stop();
      return;
    }
    if (this.#handling.busy || Date.now() - this.#heard < (options.silentMs ?? 30_000)) return;
    options.onTrouble?.(`a consumer of group ${group} was silent and is made anew`);
    this.#renewing = this.#renew().finally(() => {
      this.#renewing = undefined;
    });
    await this.#renewing;
  }

  async #renew(): Promise<void> {
    const old = this.#member;
    this.#hear();
    await Promise.race([this.#part(old).catch(() => {}), wait(5_000)]);
    if (this.#stopping.signal.aborted) return;
    await this.#join().catch((error: unknown) => {
      this.#heard = 0;
      this.#parts.options.onTrouble?.(`a consumer could not be made anew: ${error instanceof Error ? error.message : error}`);
    });
  }

  async #refuseOffsetBeyondEnd(): Promise<void> {
    const { topicsOf, topics, group } = this.#parts;
    const committed = await topicsOf.committed(group, topics);
    if (committed.length === 0) return;
    const ends = new Map((await topicsOf.everyEnd(topics)).map((end) => [placeName(end), end.offset]));
    for (const place of committed) {
      const end = ends.get(placeName(place)) ?? 0;
      if (place.offset > end) throw new OffsetBeyondEnd(group, place, end);
    }
  }

  #resumeAfter(milliseconds: number, resume: () => void): void {
    const pause = setTimeout(() => {
      this.#pauses.delete(pause);
      resume();
    }, milliseconds);
    this.#pauses.add(pause);
  }
}
