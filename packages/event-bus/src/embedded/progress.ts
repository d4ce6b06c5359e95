/** How far something has come, for those who wait until it has. */
export class Progress {
  #position = 0;
  #waiting: { readonly target: number; readonly reached: () => void }[] = [];

  get position(): number {
    return this.#position;
  }

  reach(position: number): void {
    if (position <= this.#position) return;
    this.#position = position;
    const reached = this.#waiting.filter(({ target }) => target <= position);
    this.#waiting = this.#waiting.filter(({ target }) => target > position);
    for (const waiter of reached) waiter.reached();
  }

  whenReached(target: number): Promise<void> {
    if (target <= this.#position) return Promise.resolve();
    return new Promise((reached) => this.#waiting.push({ target, reached }));
  }
}
