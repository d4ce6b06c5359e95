import type { IntegrationEvent } from '@flexistream/contracts';
import { Unavailable } from '@flexistream/kernel';
import type { Kafka } from 'kafkajs';
import { handleOnce } from '../embedded/handling.ts';
import { Turns } from '../embedded/turns.ts';
import { NoConsumer } from '../errors.ts';
import type { ConsumeOptions, Consumer, EventBus, ListenOptions, ParkedIntegrationEvent } from '../port.ts';
import { turnOf } from './batch-handling.ts';
import { connectKafka } from './connect.ts';
import { DeadLetters, deadLetterTopic } from './dead-letters.ts';
import { KafkaConsumer } from './kafka-consumer.ts';
import { KafkaListener } from './kafka-listener.ts';
import type { KafkaBusOptions } from './options.ts';
import { Publisher } from './publisher.ts';
import { Topics } from './topics.ts';

/** The bus on Kafka. What is published twice is delivered twice: consumers take repeats (design §6). */
export class KafkaBus implements EventBus {
  readonly #options: KafkaBusOptions;
  readonly #kafka: Kafka;
  readonly #topics: Topics;
  readonly #publisher: Publisher;
  readonly #turns = new Turns();
  readonly #letters = new Map<string, Promise<DeadLetters>>();
  readonly #consumers = new Set<KafkaConsumer>();
  readonly #listeners = new Set<KafkaListener>();
  #closing: Promise<void> | undefined;

  constructor(options: KafkaBusOptions) {
    this.#options = options;
    this.#kafka = connectKafka(options);
    this.#topics = new Topics(this.#kafka, options);
    this.#publisher = new Publisher(this.#kafka);
  }

  /** @throws Unavailable */
  async publish(topic: string, events: readonly IntegrationEvent[]): Promise<void> {
    this.#refuseClosed();
    if (events.length === 0) return;
    await this.#topics.ensure(topic);
    const messages = events.map((event) => ({ key: event.subject, value: JSON.stringify(event) }));
    try {
      await this.#publisher.send(topic, messages);
    } catch (error) {
      this.#topics.forget(topic); // the topic may be gone: the next publication makes it anew
      throw error;
    }
  }

  /** @throws OffsetBeyondEnd when a topic is shorter than what the group has read; Unavailable */
  async consume(options: ConsumeOptions): Promise<Consumer> {
    this.#refuseClosed();
    const topics = [...new Set(options.topics)];
    await Promise.all(topics.map((topic) => this.#topics.ensure(topic)));
    const letters = await this.#lettersOf(options.group);
    const consumer: KafkaConsumer = await KafkaConsumer.start({
      ...options,
      topics,
      kafka: this.#kafka,
      topicsOf: this.#topics,
      letters,
      turns: this.#turns,
      options: this.#options,
      stopped: () => this.#consumers.delete(consumer),
    });
    this.#consumers.add(consumer);
    if (this.#closing !== undefined) {
      await consumer.stop();
      this.#refuseClosed();
    }
    return consumer;
  }

  /** @throws Unavailable */
  async listen(options: ListenOptions): Promise<Consumer> {
    this.#refuseClosed();
    await Promise.all(options.topics.map((topic) => this.#topics.ensure(topic)));
    const listener: KafkaListener = await KafkaListener.start({
      ...options,
      kafka: this.#kafka,
      topicsOf: this.#topics,
      options: this.#options,
      stopped: () => this.#listeners.delete(listener),
    });
    this.#listeners.add(listener);
    if (this.#closing !== undefined) await listener.stop();
    this.#refuseClosed();
    return listener;
  }

  async parked(group: string): Promise<readonly ParkedIntegrationEvent[]> {
    this.#refuseClosed();
    if (!this.#letters.has(group) && !(await this.#topics.exists(deadLetterTopic(group)))) return [];
    const letters = await this.#lettersOf(group);
    await letters.refresh();
    return letters.all().map(({ topic, body, error }) => ({ group, topic, event: JSON.parse(body), error }));
  }

  /** @throws NoConsumer when nobody in this process handles events for the group. */
  async retryParked(group: string, key: string): Promise<number> {
    const topics = new Set((await this.#parkedOf(group, key)).map(({ topic }) => topic));
    const done = await Promise.all([...topics].map((topic) => this.#retry(group, topic, key)));
    return done.reduce((sum, count) => sum + count, 0);
  }

  /** @throws GroupRuns, Unavailable */
  async rewind(group: string): Promise<void> {
    this.#refuseClosed();
    await this.#topics.forgetCommitted(group);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#consumers, ...this.#listeners].map((one) => one.stop()));
    const letters = await Promise.allSettled(this.#letters.values());
    await Promise.all(letters.map((opened) => (opened.status === 'fulfilled' ? opened.value.close() : undefined)));
    await this.#publisher.close();
    await this.#topics.close();
  }

  async #parkedOf(group: string, key: string) {
    if (!this.#letters.has(group) && !(await this.#topics.exists(deadLetterTopic(group)))) return [];
    const letters = await this.#lettersOf(group);
    await letters.refresh();
    return letters.all().filter((letter) => letter.key === key);
  }

  /** Under the key's turn, so that no new event of it overtakes the parked ones here; elsewhere they are parked behind these. */
  async #retry(group: string, topic: string, key: string): Promise<number> {
    const consumer = [...this.#consumers].find((one) => one.reads(group, topic));
    if (consumer === undefined) throw new NoConsumer(group);
    const letters = await this.#lettersOf(group);
    return this.#turns.run(turnOf(group, topic, key), async () => {
      const all = letters.of(topic, key);
      for (const [done, letter] of all.entries()) {
        const error = await handleOnce(letter, consumer.handle);
        if (error !== undefined) {
          await letters.park({ ...letter, error });
          return done;
        }
        await letters.unpark(letter);
      }
      return all.length;
    });
  }

  #lettersOf(group: string): Promise<DeadLetters> {
    const known = this.#letters.get(group);
    if (known !== undefined) return known;
    const opened = DeadLetters.open(this.#kafka, this.#topics, this.#publisher, group, this.#options);
    this.#letters.set(group, opened);
    opened.catch(() => this.#letters.delete(group));
    return opened;
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new Unavailable('the bus is closed');
  }
}
