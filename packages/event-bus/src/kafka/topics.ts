import { Unavailable } from '@flexistream/kernel';
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import type { KafkaBusOptions } from './options.ts';

/** The end of a partition, or a group's place in it: the offset of the next event. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export const placeName = ({ topic, partition }: Pick<Place, 'topic' | 'partition'>): string => `${topic}|${partition}`;

/** What the bus asks and makes of topics. @throws Unavailable, all of it */
export class Topics {
  readonly #kafka: Kafka;
  readonly #options: KafkaBusOptions;
  readonly #made = new Map<string, Promise<void>>();
  #admin: Promise<Admin> | undefined;

  constructor(kafka: Kafka, options: KafkaBusOptions) {
    this.#kafka = kafka;
    this.#options = options;
  }

  /** Makes a topic that is not there. */
  ensure(topic: string): Promise<void> {
    return this.#once({ topic, numPartitions: this.#options.partitions ?? 6 });
  }

  /** One partition, of which the newest record of each key stays. */
  ensureCompacted(topic: string): Promise<void> {
    return this.#once({ topic, numPartitions: 1, configEntries: [{ name: 'cleanup.policy', value: 'compact' }] });
  }

  exists(topic: string): Promise<boolean> {
    return this.#ask(async (admin) => (await admin.listTopics()).includes(topic));
  }

  /** Where each partition ends, of those that hold anything. */
  async ends(topics: readonly string[]): Promise<readonly Place[]> {
    return (await this.#watermarks(topics)).filter(({ low, offset }) => low !== offset);
  }

  everyEnd(topics: readonly string[]): Promise<readonly Place[]> {
    return this.#watermarks(topics);
  }

  /** Where the group goes on, in the partitions where it has been. */
  committed(group: string, topics: readonly string[]): Promise<readonly Place[]> {
    return this.#ask(async (admin) => {
      const all = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
      return all.flatMap(({ topic, partitions }) =>
        partitions.map(({ partition, offset }) => ({ topic, partition, offset: Number(offset) })).filter(({ offset }) => offset >= 0),
      );
    });
  }

  async close(): Promise<void> {
    const admin = await this.#admin?.catch(() => undefined);
    await admin?.disconnect();
  }

  #watermarks(topics: readonly string[]): Promise<readonly (Place & { readonly low: number })[]> {
    return this.#ask(async (admin) => {
      const all = await Promise.all(topics.map(async (topic) => ({ topic, offsets: await admin.fetchTopicOffsets(topic) })));
      return all.flatMap(({ topic, offsets }) =>
        offsets.map(({ partition, low, high }) => ({ topic, partition, low: Number(low), offset: Number(high) })),
      );
    });
  }

  #once(topic: ITopicConfig): Promise<void> {
    const known = this.#made.get(topic.topic);
    if (known !== undefined) return known;
    const made = this.#ask((admin) => this.#make(admin, topic));
    this.#made.set(topic.topic, made);
    made.catch(() => this.#made.delete(topic.topic));
    return made;
  }

  async #make(admin: Admin, topic: ITopicConfig): Promise<void> {
    if ((await admin.listTopics()).includes(topic.topic)) return;
    const { replicationFactor = -1 } = this.#options;
    try {
      await admin.createTopics({ topics: [{ ...topic, replicationFactor }], waitForLeaders: true });
    } catch (error) {
      const others = error instanceof Error && 'errors' in error && Array.isArray(error.errors) ? error.errors : [error];
      const existed = others.every((one: unknown) => one instanceof Error && 'type' in one && one.type === 'TOPIC_ALREADY_EXISTS');
      if (!existed) throw error; // else another process was first
    }
  }

  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      this.#admin ??= this.#connect();
      return await question(await this.#admin);
    } catch (error) {
      throw new Unavailable('Kafka does not answer', { cause: error });
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } });
    try {
      await admin.connect();
    } catch (error) {
      this.#admin = undefined;
      throw error;
    }
    return admin;
  }
}
