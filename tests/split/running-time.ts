const EVERY_MS = 50;
const STALL_MS = 250;

/** Milliseconds as a watch shows them that stops while this whole machine stands still: virtual machines do, for seconds. */
export class RunningTime {
  #seen = performance.now();
  #stood = 0;
  readonly #ticking = setInterval(() => this.#tick(), EVERY_MS).unref();

  now(): number {
    this.#tick();
    return performance.now() - this.#stood;
  }

  stop(): void {
    clearInterval(this.#ticking);
  }

  #tick(): void {
    const now = performance.now();
    const gap = now - this.#seen - EVERY_MS;
    if (gap > STALL_MS) this.#stood += gap;
    this.#seen = now;
  }
}
