import type { EachBatchPayload } from 'kafkajs';
import { type Place, placeName } from './topics.ts';

/** How far a group has come, as this process has committed it. */
export class Committed {
  readonly #offsets = new Map<string, number>();
  #changed = Promise.withResolvers<void>();

  reach(place: Place): void {
    const name = placeName(place);
    this.#offsets.set(name, Math.max(place.offset, this.#offsets.get(name) ?? 0));
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }

  /** What is committed is asked anew: another member may have the partitions now, or the topic be another one. */
  forget(): void {
    this.#offsets.clear();
  }

  has(place: Place): boolean {
    return (this.#offsets.get(placeName(place)) ?? 0) >= place.offset;
  }

  get next(): Promise<void> {
    return this.#changed.promise;
  }
}

/**
 * Commits the offsets of one batch after the effects, while the next event is already handled: one request at a time, what is finished
 * meanwhile shares the next one. A crash may repeat the events since the last commit, it never skips one.
 */
export class BatchCommits {
  readonly #payload: EachBatchPayload;
  readonly #committed: Committed;
  #finished = 0;
  #stored = 0;
  #writing: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;

  constructor(payload: EachBatchPayload, committed: Committed) {
    this.#payload = payload;
    this.#committed = committed;
  }

  /** @throws what made an earlier commit fail */
  finish(offset: string): void {
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#payload.resolveOffset(offset);
    this.#finished = Number(offset) + 1;
    this.#writing ??= this.#writeAll();
  }

  /** All that was finished is committed. @throws what made a commit fail, e.g. that the group is rebalancing */
  async settled(): Promise<void> {
    await this.#writing;
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  async #writeAll(): Promise<void> {
    const { topic, partition } = this.#payload.batch;
    try {
      while (this.#stored < this.#finished) {
        const offset = this.#finished;
        await this.#payload.commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }] });
        this.#stored = offset;
        this.#committed.reach({ topic, partition, offset });
      }
    } catch (error) {
      this.#failure = { error };
    } finally {
      this.#writing = undefined;
    }
  }
}
