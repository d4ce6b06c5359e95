import { untilAborted } from './turns.ts';

/** Tells readers of a topic that something was published. A number for each topic grows, so that nothing is missed between looking and waiting. */
export class News {
  readonly #count = new Map<string, number>();
  readonly #waiting = new Map<string, (() => void)[]>();

  heard(topic: string): number {
    return this.#count.get(topic) ?? 0;
  }

  spread(topic: string): void {
    this.#count.set(topic, this.heard(topic) + 1);
    const waiting = this.#waiting.get(topic) ?? [];
    this.#waiting.delete(topic);
    for (const wake of waiting) wake();
  }

  /** Resolves when there is news since then, or when the signal aborts. */
  async since(topic: string, heard: number, signal: AbortSignal): Promise<void> {
    if (this.heard(topic) > heard) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiting = this.#waiting.get(topic) ?? [];
    waiting.push(resolve);
    this.#waiting.set(topic, waiting);
    await untilAborted(promise, signal);
  }
}
