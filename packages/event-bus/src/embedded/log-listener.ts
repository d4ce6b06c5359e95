import { ConsumerStopped } from '../errors.ts';
import type { Consumer, ListenOptions } from '../port.ts';
import { hear } from './handling.ts';
import type { News } from './news.ts';
import { Progress } from './progress.ts';
import type { TopicLog } from './topic-log.ts';

interface LogListenerParts extends ListenOptions {
  readonly log: TopicLog;
  readonly news: News;
  readonly stopped: () => void;
}

const BATCH = 100;

/** Reads its topics from where they end; what it has heard it knows by itself alone. */
export class LogListener implements Consumer {
  readonly #parts: LogListenerParts;
  readonly #heard: ReadonlyMap<string, Progress>;
  readonly #stopping = new AbortController();
  readonly #reading: Promise<unknown>;
  /** Rejects when it reads no more, for whatever reason. */
  readonly #ended: Promise<never>;

  private constructor(parts: LogListenerParts, heard: ReadonlyMap<string, Progress>) {
    this.#parts = parts;
    this.#heard = heard;
    this.#reading = Promise.all([...heard].map(([topic, progress]) => this.#follow(topic, progress)));
    this.#ended = this.#reading.then(() => {
      throw new ConsumerStopped(parts.name);
    });
    this.#ended.catch(() => undefined); // told to whoever waits or stops it
  }

  static async start(parts: LogListenerParts): Promise<LogListener> {
    const heard = new Map<string, Progress>();
    for (const topic of parts.topics) {
      const progress = new Progress();
      progress.reach(await parts.log.head(topic));
      heard.set(topic, progress);
    }
    return new LogListener(parts, heard);
  }

  /** @throws ConsumerStopped when it was stopped before, else what ended its reading, e.g. a failed disk. */
  async caughtUp(): Promise<void> {
    const { log } = this.#parts;
    const all = Promise.all([...this.#heard].map(async ([topic, progress]) => progress.whenReached(await log.head(topic))));
    await Promise.race([all, this.#ended]);
  }

  /** @throws what ended its reading before. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#parts.stopped();
    await this.#reading;
  }

  async #follow(topic: string, progress: Progress): Promise<void> {
    const { log, news } = this.#parts;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      const before = news.heard(topic); // before reading: what is published meanwhile is read at once
      const batch = await log.read(topic, progress.position, BATCH);
      if (batch.length === 0) await news.since(topic, before, signal);
      for (const entry of batch) {
        if (signal.aborted) return;
        await hear(entry, this.#parts);
        progress.reach(entry.position);
      }
    }
  }
}
