import { Unavailable } from '@flexistream/kernel';
import type { Admin, ITopicConfig, Kafka } from 'kafkajs';
import { GroupRuns } from '../errors.ts';
import type { KafkaBusOptions } from './options.ts';

/** The end of a partition, or a group's place in it: the offset of the next event. */
export interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export const placeName = ({ topic, partition }: Pick<Place, 'topic' | 'partition'>): string => `${topic}|${partition}`;

interface Asked {
  readonly admin: Promise<Admin>;
  /** How many questions it has not answered yet. */
  asking: number;
}

/** What the bus asks and makes of topics. @throws Unavailable, all of it */
export class Topics {
  readonly #kafka: Kafka;
  readonly #options: KafkaBusOptions;
  readonly #made = new Map<string, Promise<void>>();
  #asked: Asked | undefined;

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

  /** Makes those anew that were there and are gone. */
  async remake(topics: readonly string[]): Promise<void> {
    for (const topic of topics) this.forget(topic);
    await Promise.all(topics.map((topic) => this.ensure(topic)));
  }

  remakeCompacted(topic: string): Promise<void> {
    this.forget(topic);
    return this.ensureCompacted(topic);
  }

  /** Has the broker asked again whether it is there, when it is ensured the next time. */
  forget(topic: string): void {
    this.#made.delete(topic);
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

  /** @throws GroupRuns while it has a member */
  async forgetCommitted(group: string): Promise<void> {
    const refusal = await this.#ask((admin) =>
      admin.deleteGroups([group]).then(
        () => undefined,
        (error: unknown) => {
          if (isAbout(error, 'GROUP_ID_NOT_FOUND')) return undefined; // it has never committed anything
          if (isAbout(error, 'NON_EMPTY_GROUP')) return error;
          throw error;
        },
      ),
    );
    if (refusal !== undefined) throw new GroupRuns(group, { cause: refusal });
  }

  async close(): Promise<void> {
    if (this.#asked !== undefined) await disconnect(this.#asked);
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
      if (!isAbout(error, 'TOPIC_ALREADY_EXISTS')) throw error; // else another process was first
    }
  }

  async #ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    try {
      return await this.#askOnce(question).catch((error: unknown) => {
        // Of a topic that is gone, or was made just now: another connection knows what there is.
        if (isAbout(error, 'UNKNOWN_TOPIC_OR_PARTITION')) return this.#askOnce(question);
        throw error;
      });
    } catch (error) {
      throw new Unavailable('Kafka does not answer', { cause: error });
    }
  }

  /** One that failed is asked no more: kafkajs goes on to name each topic that it was ever asked for, and learns nothing once one is gone. */
  async #askOnce<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    this.#asked ??= { admin: this.#connect(), asking: 0 };
    const asked = this.#asked;
    asked.asking++;
    try {
      return await question(await asked.admin);
    } catch (error) {
      if (this.#asked === asked) this.#asked = undefined;
      throw error;
    } finally {
      asked.asking--;
      if (asked.asking === 0 && this.#asked !== asked) await disconnect(asked);
    }
  }

  async #connect(): Promise<Admin> {
    const admin = this.#kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } });
    await admin.connect();
    return admin;
  }
}

const disconnect = async ({ admin }: Asked): Promise<void> => {
  await (await admin.catch(() => undefined))?.disconnect().catch(() => {});
};

/** Whether all that kafkajs gathered in the error is of this type. */
const isAbout = (error: unknown, type: string): boolean => {
  if (!(error instanceof Error)) return false;
  const gathered: readonly unknown[] =
    'errors' in error && Array.isArray(error.errors)
      ? error.errors
      : 'groups' in error && Array.isArray(error.groups)
        ? error.groups.map((group: { readonly error?: unknown }) => group.error)
        : [error];
  return gathered.every((one) => one instanceof Error && 'type' in one && one.type === type);
};
