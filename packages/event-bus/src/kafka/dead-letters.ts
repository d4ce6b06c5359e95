import { randomUUID } from 'node:crypto';
import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { z } from 'zod';
import { Progress } from '../embedded/progress.ts';
import { Member } from './member.ts';
import type { KafkaBusOptions } from './options.ts';
import type { Publisher } from './publisher.ts';
import type { Topics } from './topics.ts';

const deadLetter = z.object({
  topic: z.string(),
  partition: z.number().int(),
  /** Of the event in its topic. */
  position: z.number().int(),
  key: z.string(),
  /** The integration event as JSON. */
  body: z.string(),
  error: z.string(),
});
export type DeadLetter = z.infer<typeof deadLetter>;

export const deadLetterTopic = (group: string): string => `${group}.dead-letters`;

/**
 * What a group has parked: a compacted topic, a record for each event under its place, and an empty one when it is done. Each process
 * that consumes for the group holds the whole of it. Only who has a partition parks its events; anyone may have them done again.
 */
export class DeadLetters {
  readonly group: string;
  readonly #topics: Topics;
  readonly #publisher: Publisher;
  #reader: Member | undefined;
  #read = new Progress();
  /** By place; the offset of the record that said it last, so that an older one that is read later changes nothing. */
  readonly #letters = new Map<string, { readonly offset: number; readonly letter: DeadLetter | undefined }>();

  private constructor(topics: Topics, publisher: Publisher, group: string) {
    this.group = group;
    this.#topics = topics;
    this.#publisher = publisher;
  }

  /** @throws Unavailable */
  static async open(kafka: Kafka, topics: Topics, publisher: Publisher, group: string, options: KafkaBusOptions): Promise<DeadLetters> {
    const letters = new DeadLetters(topics, publisher, group);
    await topics.ensureCompacted(deadLetterTopic(group));
    await letters.#start(kafka, options);
    await letters.refresh();
    return letters;
  }

  /** Of the group, in order of their places. */
  all(): readonly DeadLetter[] {
    const known = [...this.#letters.values()].flatMap(({ letter }) => letter ?? []);
    return known.sort((a, b) => a.topic.localeCompare(b.topic) || a.partition - b.partition || a.position - b.position);
  }

  of(topic: string, key: string): readonly DeadLetter[] {
    return this.all().filter((letter) => letter.topic === topic && letter.key === key);
  }

  has(topic: string, key: string): boolean {
    for (const { letter } of this.#letters.values()) if (letter?.key === key && letter.topic === topic) return true;
    return false;
  }

  /** Resolves when all that was written before the call is known here. */
  async refresh(): Promise<void> {
    const before = this.#hasRead();
    const [place] = await this.#topics.everyEnd([deadLetterTopic(this.group)]);
    const end = place?.offset ?? 0;
    this.#noticeEnd(end, before);
    if (this.#read !== before.read) return this.refresh(); // the end may be the lost one's
    await this.#read.whenReached(end);
  }

  /** Also: parks it again with another error. */
  async park(letter: DeadLetter): Promise<void> {
    await this.#write(placeOf(letter), letter);
  }

  async unpark(letter: DeadLetter): Promise<void> {
    await this.#write(placeOf(letter), undefined);
  }

  async close(): Promise<void> {
    await this.#reader?.stop();
  }

  async #write(place: string, letter: DeadLetter | undefined): Promise<void> {
    const value = letter === undefined ? null : JSON.stringify(letter);
    const topic = deadLetterTopic(this.group);
    await this.#topics.ensureCompacted(topic);
    const before = this.#hasRead();
    try {
      const offset = await this.#publisher.send(topic, [{ key: place, value }]);
      this.#noticeEnd(offset, before);
      if (offset >= this.#read.position) this.#know(place, offset, letter); // else it was read already, with what came after it
    } catch (error) {
      this.#topics.forget(topic); // it may be gone: the next letter makes it anew
      throw error;
    }
  }

  async #start(kafka: Kafka, { fetchWaitMs = 250, silentMs = 30_000, onTrouble = () => {} }: KafkaBusOptions): Promise<void> {
    this.#reader = await Member.join({
      kafka,
      topics: [deadLetterTopic(this.group)],
      // Everybody reads all of it, from the beginning: a group of its own, which keeps no offset and so leaves nothing behind.
      config: () => ({ groupId: `${deadLetterTopic(this.group)}.reader-${randomUUID()}`, maxWaitTimeInMs: fetchWaitMs }),
      take: async (payload) => this.#take(payload),
      beforeAnew: () => this.#topics.remakeCompacted(deadLetterTopic(this.group)),
      busy: () => false,
      silentMs,
      onTrouble,
    });
  }

  #take({ batch, resolveOffset }: EachBatchPayload): void {
    this.#noticeEnd(Number(batch.highWatermark), this.#hasRead());
    for (const message of batch.messages) this.#takeOne(message);
    resolveOffset(batch.lastOffset());
    this.#read.reach(Number(batch.lastOffset()) + 1);
    for (const [place, { offset, letter }] of this.#letters) {
      if (letter === undefined && offset < this.#read.position) this.#letters.delete(place); // nothing older can come any more
    }
  }

  #hasRead() {
    return { read: this.#read, position: this.#read.position };
  }

  /**
   * A topic that ends before what was read of it is another one, which is read from its beginning: the letters of the lost one are lost.
   * `before` is of the moment when the end was asked for: what came meanwhile may have been read before the answer.
   */
  #noticeEnd(end: number, before: { readonly read: Progress; readonly position: number }): void {
    if (end >= before.position || this.#read !== before.read) return;
    this.#letters.clear();
    this.#read.reach(Number.POSITIVE_INFINITY); // whoever waits for the lost ones
    this.#read = new Progress();
  }

  #takeOne({ key, value, offset }: KafkaMessage): void {
    if (key === null) return;
    this.#know(key.toString(), Number(offset), value === null ? undefined : deadLetter.parse(JSON.parse(value.toString())));
  }

  #know(place: string, offset: number, letter: DeadLetter | undefined): void {
    const known = this.#letters.get(place);
    if (known === undefined || known.offset <= offset) this.#letters.set(place, { offset, letter });
  }
}

const placeOf = ({ topic, partition, position }: DeadLetter): string => `${topic}|${partition}|${position}`;
