/** Entries that end at a moment (ms since 1970): gone when asked for later, and swept out a few at a time. */
export class ExpiringMap<E extends { readonly expiresAt: number }> {
  readonly #entries = new Map<string, E>();
  #sweep: MapIterator<[string, E]> | undefined;

  get size(): number {
    return this.#entries.size;
  }

  get(key: string, now: number): E | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.expiresAt > now) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  set(key: string, entry: E): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  /** The one that was made first, to make room. */
  dropOldest(): void {
    for (const key of this.#entries.keys()) {
      this.#entries.delete(key);
      return;
    }
  }

  /** Looks at the next `count` entries, so that no sweep of a full map stops the process. */
  sweep(now: number, count: number): void {
    this.#sweep ??= this.#entries.entries();
    for (let looked = 0; looked < count; looked++) {
      const next = this.#sweep.next();
      if (next.done === true) {
        this.#sweep = undefined;
        return;
      }
      const [key, entry] = next.value;
      if (entry.expiresAt <= now) this.#entries.delete(key);
    }
  }
}
