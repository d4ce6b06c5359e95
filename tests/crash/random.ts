/** Repeatable randomness: the same seed makes the same choices (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** Whole, from..to inclusive. */
  between(from: number, to: number): number {
    return from + Math.floor(this.next() * (to - from + 1));
  }

  one<T>(of: readonly T[]): T {
    const chosen = of[this.between(0, of.length - 1)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  }

  /** At most that many, in their order. */
  some<T>(of: readonly T[], many: number): readonly T[] {
    if (of.length <= many) return of;
    const chosen = new Set(Array.from({ length: many }, () => this.between(0, of.length - 1)));
    return of.filter((_, place) => chosen.has(place));
  }

  /** Another source, of its own, for somebody who works in parallel. */
  fork(): Random {
    return new Random(this.between(0, 2 ** 32 - 1));
  }
}
