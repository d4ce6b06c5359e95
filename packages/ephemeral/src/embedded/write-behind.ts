import type { Clock } from '@flexistream/kernel';
import type { Value } from './memory.ts';
import type { Changes } from './program.ts';

/**
 * Collects changes to durable values and writes them together, at most a second after the first: a crash loses at most that second. What
 * could not be written stays collected and is tried again.
 */
export class WriteBehind {
  readonly #write: (changes: Changes) => Promise<void>;
  readonly #clock: Clock;
  readonly #delay: number;
  #changed = new Map<string, Value | undefined>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(write: (changes: Changes) => Promise<void>, clock: Clock, delay: number) {
    this.#write = write;
    this.#clock = clock;
    this.#delay = delay;
  }

  remember(key: string, value: Value | undefined): void {
    this.#changed.set(key, value);
    this.#timer ??= setTimeout(() => this.#flushLater(), this.#delay).unref();
  }

  /** Resolves when everything that was remembered before is durable. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#writeAll());
    return this.#writing;
  }

  #flushLater(): void {
    this.flush().catch(() => {
      this.#timer ??= setTimeout(() => this.#flushLater(), this.#delay).unref();
    });
  }

  async #writeAll(): Promise<void> {
    const changed = this.#changed;
    if (changed.size === 0) return;
    this.#changed = new Map();
    try {
      await this.#write(asChanges(changed, this.#clock()));
    } catch (error) {
      this.#changed = new Map([...changed, ...this.#changed]); // what changed meanwhile is newer
      throw error;
    }
  }
}

const asChanges = (changed: ReadonlyMap<string, Value | undefined>, now: number): Changes => {
  const entries = [...changed];
  return {
    kept: entries.flatMap(([key, value]) => (value === undefined ? [] : [{ key, value: value.value, expiresAt: value.expiresAt }])),
    gone: entries.flatMap(([key, value]) => (value === undefined ? [key] : [])),
    now,
  };
};
