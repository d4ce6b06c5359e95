import { ConsumerStopped } from '../errors.ts';
import type { ConsumeOptions, Consumer } from '../port.ts';
import type { GroupTopic } from './group-topic.ts';
import type { News } from './news.ts';
import type { TopicLog } from './topic-log.ts';
import { readTopic } from './topic-reader.ts';
import type { Turns } from './turns.ts';

export interface LogConsumerOptions extends ConsumeOptions {
  readonly places: readonly GroupTopic[];
  readonly log: TopicLog;
  readonly news: News;
  readonly turns: Turns;
}

/** Reads its topics side by side, so that one topic's outage does not hold up the others. */
export class LogConsumer implements Consumer {
  readonly handle: ConsumeOptions['handle'];
  readonly #options: LogConsumerOptions;
  readonly #stopping = new AbortController();
  readonly #reading: Promise<unknown>;
  readonly #stopped: () => void;
  /** Rejects when it reads no more, for whatever reason. */
  readonly #ended: Promise<never>;

  constructor(options: LogConsumerOptions, stopped: () => void) {
    this.handle = options.handle;
    this.#options = options;
    this.#stopped = stopped;
    const { signal } = this.#stopping;
    this.#reading = Promise.all(options.places.map((place) => readTopic({ ...options, place, signal })));
    this.#ended = this.#reading.then(() => {
      throw new ConsumerStopped(`group ${options.group}`);
    });
    this.#ended.catch(() => undefined); // told to whoever waits or stops it
  }

  get group(): string {
    return this.#options.group;
  }

  reads(group: string, topic: string): boolean {
    return this.#options.group === group && this.#options.places.some((place) => place.topic === topic);
  }

  /** @throws ConsumerStopped when it was stopped before, else what ended its reading, e.g. a failed disk. */
  async caughtUp(): Promise<void> {
    const { places, log } = this.#options;
    const all = Promise.all(places.map(async ({ topic, progress }) => progress.whenReached(await log.head(topic))));
    await Promise.race([all, this.#ended]);
  }

  /** @throws what ended its reading before. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#stopped();
    await this.#reading;
  }
}
