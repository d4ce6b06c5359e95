/** Wakes who waits for something new. */
export class News {
  #waiting = Promise.withResolvers<void>();

  get next(): Promise<void> {
    return this.#waiting.promise;
  }

  spread(): void {
    this.#waiting.resolve();
    this.#waiting = Promise.withResolvers<void>();
  }
}
