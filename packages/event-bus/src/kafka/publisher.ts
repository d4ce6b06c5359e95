import { Unavailable } from '@flexistream/kernel';
import { CompressionTypes, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';

interface Waiting {
  readonly topic: string;
  readonly messages: readonly Message[];
  readonly sent: (offset: number) => void;
  readonly failed: (error: unknown) => void;
}

/**
 * One idempotent producer, one send at a time: what is asked for meanwhile goes with the next one, in the order of asking.
 * After a send that failed the producer is thrown away. Nobody knows whether its batch arrived, and the next batch would carry the
 * same sequence number: the broker would take it for the repeat of the first one and drop it.
 */
export class Publisher {
  readonly #kafka: Kafka;
  #producer: Promise<Producer> | undefined;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;

  constructor(kafka: Kafka) {
    this.#kafka = kafka;
  }

  /**
   * Resolves when all in-sync copies have it; where the topic has one partition, with the offset of the first message.
   * @throws Unavailable
   */
  send(topic: string, messages: readonly Message[]): Promise<number> {
    return new Promise((sent, failed) => {
      this.#waiting.push({ topic, messages, sent, failed });
      this.#sending ??= this.#sendAll();
    });
  }

  /** Finishes what was asked for. */
  async close(): Promise<void> {
    await this.#sending;
    await this.#discard();
  }

  async #sendAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const now = this.#waiting;
      this.#waiting = [];
      for (const [topic, ofTopic] of Map.groupBy(now, (one) => one.topic)) await this.#sendTo(topic, ofTopic);
    }
    this.#sending = undefined;
  }

  async #sendTo(topic: string, waiting: readonly Waiting[]): Promise<void> {
    try {
      const producer = await this.#connected();
      const messages = waiting.flatMap((one) => one.messages);
      const [metadata] = await producer.send({ topic, messages, acks: -1, compression: CompressionTypes.None });
      let offset = Number(metadata?.baseOffset);
      for (const { sent, messages: own } of waiting) {
        sent(offset);
        offset += own.length;
      }
    } catch (error) {
      await this.#discard();
      for (const { failed } of waiting) failed(new Unavailable('Kafka does not take events', { cause: error }));
    }
  }

  #connected(): Promise<Producer> {
    this.#producer ??= (async () => {
      const producer = this.#kafka.producer({
        idempotent: true,
        maxInFlightRequests: 1,
        allowAutoTopicCreation: false,
        createPartitioner: Partitioners.DefaultPartitioner,
        retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
      });
      await producer.connect();
      return producer;
    })();
    return this.#producer;
  }

  async #discard(): Promise<void> {
    const producer = await this.#producer?.catch(() => undefined);
    this.#producer = undefined;
    await producer?.disconnect().catch(() => {});
  }
}
