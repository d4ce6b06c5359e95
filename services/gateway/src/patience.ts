import { setTimeout as pause } from 'node:timers/promises';
import { isUnavailable } from '@flexistream/kernel';

const HOLD_MS = 25_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1000;

/**
 * Flexisip never repeats a request and waits 30 s: its doors hold one that cannot be served yet, and try again, for up to 25 s
 * (design §7). The command id stays the same, so a repeat of what had reached its owner is the same command.
 */
export class Patience {
  readonly #limit: number;
  #held = 0;

  /** At most so many bytes of bodies are held; beyond it the answer is 503 at once. */
  constructor({ limitBytes = 64 * 1024 * 1024 }: { limitBytes?: number } = {}) {
    this.#limit = limitBytes;
  }

  get heldBytes(): number {
    return this.#held;
  }

  async persist<T>(bytes: number, work: () => Promise<T>, { holdMs = HOLD_MS }: { holdMs?: number } = {}): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || this.#held + bytes > this.#limit) throw error;
    }
    this.#held += bytes;
    try {
      return await this.#repeat(work, performance.now() + holdMs);
    } finally {
      this.#held -= bytes;
    }
  }

  async #repeat<T>(work: () => Promise<T>, deadline: number): Promise<T> {
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(LONGEST_PAUSE_MS, wait * 2)) {
      await pause(wait * (0.5 + Math.random() / 2));
      try {
        return await work();
      } catch (error) {
        if (!isUnavailable(error) || performance.now() + wait > deadline) throw error;
      }
    }
  }
}
