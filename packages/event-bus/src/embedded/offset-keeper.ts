import type { GroupTopic } from './group-topic.ts';
import type { ParkedEntry, TopicLog } from './topic-log.ts';

/**
 * Stores a group's offset after the effects, while the next event is already handled: a crash may repeat the events since the last
 * stored offset, it never skips one. One write at a time; what is finished meanwhile shares the next one.
 */
export class OffsetKeeper {
  readonly #log: TopicLog;
  readonly #place: GroupTopic;
  #finished: number;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(log: TopicLog, place: GroupTopic) {
    this.#log = log;
    this.#place = place;
    this.#finished = place.progress.position;
  }

  /** @throws what made an earlier write fail. */
  finish(position: number): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#finished = position;
    this.#writing ??= this.#writeAll();
  }

  /** Parks the entry and passes it by, both or none. */
  async park(entry: ParkedEntry): Promise<void> {
    await this.settled();
    const { group, topic, position } = entry;
    await this.#log.commit({ group, topic, position }, entry);
    this.#place.parkedKeys.add(entry.key);
    this.#finished = position;
    this.#place.progress.reach(position);
  }

  /** Everything that was finished is stored. @throws what made a write fail. */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #writeAll(): Promise<void> {
    const { group, topic, progress } = this.#place;
    try {
      while (progress.position < this.#finished) {
        const position = this.#finished;
        await this.#log.commit({ group, topic, position });
        progress.reach(position);
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = undefined;
    }
  }
}
