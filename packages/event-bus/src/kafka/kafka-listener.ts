import { randomUUID } from 'node:crypto';
import type { EachBatchPayload, Kafka, Consumer as KafkaJsConsumer } from 'kafkajs';
import { hear } from '../embedded/handling.ts';
import { ConsumerStopped } from '../errors.ts';
import type { Consumer, ListenOptions } from '../port.ts';
import { entryOf } from './entry.ts';
import { Heard } from './heard.ts';
import { Member } from './member.ts';
import type { KafkaBusOptions } from './options.ts';
import type { Topics } from './topics.ts';

export interface KafkaListenerParts extends ListenOptions {
  readonly kafka: Kafka;
  readonly topicsOf: Topics;
  readonly options: KafkaBusOptions;
  readonly stopped: () => void;
}

/**
 * The only member of a group of its own, which commits nothing: brokers forget such a group when it is empty. How far it has heard, it knows
 * by itself, so one that kafkajs gave up is replaced without missing anything.
 */
export class KafkaListener implements Consumer {
  readonly #parts: KafkaListenerParts;
  readonly #heard: Heard;
  readonly #stopping = new AbortController();
  readonly #ended = Promise.withResolvers<never>();
  #handling = 0;
  #member: Member | undefined;

  private constructor(parts: KafkaListenerParts, heard: Heard) {
    this.#parts = parts;
    this.#heard = heard;
    this.#ended.promise.catch(() => {}); // told to whoever waits
  }

  /** Resolves when it hears. @throws Unavailable */
  static async start(parts: KafkaListenerParts): Promise<KafkaListener> {
    const heard = new Heard(await parts.topicsOf.everyEnd(parts.topics));
    const listener = new KafkaListener(parts, heard);
    await listener.#join();
    return listener;
  }

  /** @throws ConsumerStopped, Unavailable */
  async caughtUp(): Promise<void> {
    const { name, topicsOf, topics } = this.#parts;
    if (this.#stopping.signal.aborted) throw new ConsumerStopped(name);
    await Promise.race([this.#heard.whenReached(await topicsOf.ends(topics)), this.#ended.promise]);
  }

  async stop(): Promise<void> {
    const { name, stopped } = this.#parts;
    this.#stopping.abort();
    this.#ended.reject(new ConsumerStopped(name));
    await this.#member?.stop();
    stopped();
  }

  async #join(): Promise<void> {
    const { kafka, name, topics, options } = this.#parts;
    const groupId = `${name}.listener-${randomUUID()}`;
    this.#member = await Member.join({
      kafka,
      topics,
      config: () => ({ groupId, maxWaitTimeInMs: options.fetchWaitMs ?? 250 }),
      take: (payload) => this.#take(payload),
      joined: (consumer) => this.#goOn(consumer),
      beforeAnew: () => this.#bringBackTopics(),
      busy: () => this.#handling > 0,
      silentMs: options.silentMs ?? 30_000,
      onTrouble: options.onTrouble ?? (() => {}),
    });
  }

  /** Where it does not say so, kafkajs begins at the beginning: that is right for a topic that was made since. */
  #goOn(consumer: KafkaJsConsumer): void {
    for (const { topic, partition, offset } of this.#heard.places) consumer.seek({ topic, partition, offset: String(offset) });
  }

  async #bringBackTopics(): Promise<void> {
    const { topicsOf, topics } = this.#parts;
    await topicsOf.remake(topics);
    await this.#heard.noticeEnds(() => topicsOf.everyEnd(topics));
  }

  async #take({ batch: { topic, partition, messages }, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const { onTrouble = () => {} } = this.#parts.options;
    this.#handling++;
    try {
      for (const message of messages) {
        if (!isRunning() || isStale() || this.#stopping.signal.aborted) break;
        const entry = entryOf(topic, partition, message, onTrouble);
        if (entry !== undefined) await hear(entry, this.#parts);
        resolveOffset(message.offset);
        this.#heard.reach({ topic, partition, offset: Number(message.offset) + 1 });
        await heartbeat();
      }
    } finally {
      this.#handling--;
    }
  }
}
