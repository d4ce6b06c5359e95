import type { IntegrationEvent } from '@flexistream/contracts';
import { Unavailable } from '@flexistream/kernel';
import { GroupRuns, NoConsumer } from '../errors.ts';
import type { ConsumeOptions, Consumer, EventBus, ListenOptions, ParkedIntegrationEvent } from '../port.ts';
import { GroupTopic } from './group-topic.ts';
import { handleOnce } from './handling.ts';
import { LogConsumer } from './log-consumer.ts';
import { LogListener } from './log-listener.ts';
import { News } from './news.ts';
import type { ParkedEntry, TopicLog } from './topic-log.ts';
import { Turns } from './turns.ts';

/** The bus within one process, on a topic log. */
export class LogBus implements EventBus {
  readonly #log: TopicLog;
  readonly #news = new News();
  readonly #turns: Turns;
  readonly #places = new Map<string, Promise<GroupTopic>>();
  readonly #consumers = new Set<LogConsumer>();
  readonly #listeners = new Set<LogListener>();
  #closing: Promise<void> | undefined;

  constructor(log: TopicLog, turns = new Turns()) {
    this.#log = log;
    this.#turns = turns;
  }

  async publish(topic: string, events: readonly IntegrationEvent[]): Promise<void> {
    this.#refuseClosed();
    if (events.length === 0) return;
    await this.#log.publish(
      topic,
      events.map((event) => ({ id: event.id, key: event.subject, body: JSON.stringify(event) })),
    );
    this.#news.spread(topic);
  }

  /** @throws OffsetBeyondEnd when the log is shorter than what the group has read. */
  async consume(options: ConsumeOptions): Promise<Consumer> {
    this.#refuseClosed();
    const places = await Promise.all([...new Set(options.topics)].map((topic) => this.#place(options.group, topic)));
    this.#refuseClosed();
    const consumer = new LogConsumer({ ...options, places, log: this.#log, news: this.#news, turns: this.#turns }, () =>
      this.#consumers.delete(consumer),
    );
    this.#consumers.add(consumer);
    return consumer;
  }

  async listen(options: ListenOptions): Promise<Consumer> {
    this.#refuseClosed();
    const listener: LogListener = await LogListener.start({
      ...options,
      log: this.#log,
      news: this.#news,
      stopped: () => this.#listeners.delete(listener),
    });
    this.#listeners.add(listener);
    if (this.#closing !== undefined) await listener.stop();
    this.#refuseClosed();
    return listener;
  }

  async parked(group: string): Promise<readonly ParkedIntegrationEvent[]> {
    return (await this.#log.parked(group)).map(({ topic, body, error }) => ({ group, topic, event: JSON.parse(body), error }));
  }

  /** @throws NoConsumer when nobody in this process handles events for the group. */
  async retryParked(group: string, key: string): Promise<number> {
    const entries = (await this.#log.parked(group)).filter((entry) => entry.key === key);
    const topics = [...new Set(entries.map(({ topic }) => topic))];
    const done = await Promise.all(topics.map((topic) => this.#retry(group, topic, key)));
    return done.reduce((sum, count) => sum + count, 0);
  }

  /** Nobody else can hold the log: consumers of this bus are all there are. */
  async rewind(group: string): Promise<void> {
    this.#refuseClosed();
    if ([...this.#consumers].some((consumer) => consumer.group === group)) throw new GroupRuns(group);
    await this.#log.rewind(group);
    for (const name of this.#places.keys()) if (JSON.parse(name)[0] === group) this.#places.delete(name);
  }

  /** @throws what ended the reading of one of its consumers; it is closed all the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const stopped = await Promise.allSettled([...this.#consumers, ...this.#listeners].map((one) => one.stop()));
    await this.#log.close();
    for (const one of stopped) if (one.status === 'rejected') throw one.reason;
  }

  /** Under the key's turn, so that no new event of it overtakes the parked ones. */
  async #retry(group: string, topic: string, key: string): Promise<number> {
    const consumer = [...this.#consumers].find((one) => one.reads(group, topic));
    if (consumer === undefined) throw new NoConsumer(group);
    const place = await this.#place(group, topic);
    return await this.#turns.run(place.turn(key), async () => {
      const entries = place.parkedHere(await this.#log.parked(group), key);
      const done = await this.#doAgain(entries, consumer);
      if (done === entries.length) place.parkedKeys.delete(key);
      return done;
    });
  }

  async #doAgain(entries: readonly ParkedEntry[], consumer: LogConsumer): Promise<number> {
    for (const [done, entry] of entries.entries()) {
      const error = await handleOnce(entry, consumer.handle);
      if (error !== undefined) {
        await this.#log.repark({ ...entry, error });
        return done;
      }
      await this.#log.unpark(entry);
    }
    return entries.length;
  }

  #place(group: string, topic: string): Promise<GroupTopic> {
    const name = JSON.stringify([group, topic]);
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    const joined = GroupTopic.join(this.#log, group, topic);
    this.#places.set(name, joined);
    joined.catch(() => this.#places.delete(name));
    return joined;
  }

  #refuseClosed(): void {
    if (this.#closing !== undefined) throw new Unavailable('the bus is closed');
  }
}
