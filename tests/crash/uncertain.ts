/**
 * What a client may rely on: the last value whose answer it has read wholly, and while an answer is missing the value that
 * may have been written all the same.
 */
export class Uncertain<T> {
  #known: T;
  #attempt: { readonly value: T } | undefined;

  constructor(known: T) {
    this.#known = known;
  }

  get known(): T {
    return this.#known;
  }

  /** A write goes out. */
  attempt(value: T): void {
    this.#attempt = { value };
  }

  /** Its answer was read wholly. */
  acknowledge(): void {
    if (this.#attempt !== undefined) this.#known = this.#attempt.value;
    this.#attempt = undefined;
  }

  /** It was refused: nothing has changed. */
  refused(): void {
    this.#attempt = undefined;
  }

  possible(): readonly T[] {
    return this.#attempt === undefined ? [this.#known] : [this.#attempt.value, this.#known];
  }

  /** What is really there; false when it is neither what was acknowledged nor what was attempted. */
  settle(seen: T): boolean {
    const fits = this.possible().some((value) => JSON.stringify(value) === JSON.stringify(seen));
    this.#known = seen;
    this.#attempt = undefined;
    return fits;
  }
}
