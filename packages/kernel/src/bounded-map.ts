/** A map that forgets what was set longest ago once it is full: nothing that strangers send may grow without end. */
export class BoundedMap<K, V> {
  protected readonly held = new Map<K, V>();
  readonly #limit: number;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get size(): number {
    return this.held.size;
  }

  get(key: K): V | undefined {
    return this.held.get(key);
  }

  set(key: K, value: V): void {
    this.held.delete(key);
    this.held.set(key, value);
    if (this.held.size <= this.#limit) return;
    for (const oldest of this.held.keys()) {
      this.held.delete(oldest);
      return;
    }
  }

  delete(key: K): void {
    this.held.delete(key);
  }

  clear(): void {
    this.held.clear();
  }

  entries(): IterableIterator<[K, V]> {
    return this.held.entries();
  }
}

/** As `BoundedMap`, but it forgets what was used longest ago. */
export class BoundedCache<K, V> extends BoundedMap<K, V> {
  override get(key: K): V | undefined {
    const value = this.held.get(key);
    if (value === undefined) return undefined;
    this.held.delete(key); // a Map iterates by age of insertion: used last = inserted last
    this.held.set(key, value);
    return value;
  }
}
