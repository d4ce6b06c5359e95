import type { Clock } from '@flexistream/kernel';
import type { TopicLog } from './topic-log.ts';

const KEPT_MS = 7 * 24 * 3_600_000;
const EVERY_MS = 3_600_000;

/** Trims the topics at the start and each hour after it. */
export class Retention {
  readonly #log: TopicLog;
  readonly #clock: Clock;
  readonly #timer: NodeJS.Timeout;
  #trimming: Promise<void>;

  constructor(log: TopicLog, clock: Clock) {
    this.#log = log;
    this.#clock = clock;
    this.#trimming = this.#trim();
    this.#timer = setInterval(() => {
      this.#trimming = this.#trim();
    }, EVERY_MS).unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#trimming;
  }

  /** A failure is not told: the next hour tries again, and a store that is broken says so at the next publication. */
  async #trim(): Promise<void> {
    await this.#log.trim(this.#clock() - KEPT_MS).catch(() => undefined);
  }
}
