/**
 * A set of owners whose versions share one table: adding and removing take constant time and leave the former version as it was.
 * The newest version holds the table, an older one knows how it differs from the next (Baker 1991, "Shallow binding makes
 * functional arrays fast"): a fold over 200,000 events copies nothing.
 */
export class Holders {
  readonly size: number;
  #table: Set<string> | undefined;
  #next: { readonly version: Holders; readonly owner: string; readonly held: boolean } | undefined;

  constructor(table: Set<string> = new Set(), size = table.size) {
    this.#table = table;
    this.size = size;
  }

  has(owner: string): boolean {
    let version: Holders = this;
    while (version.#next !== undefined) {
      if (version.#next.owner === owner) return version.#next.held;
      version = version.#next.version;
    }
    return version.#table?.has(owner) ?? false;
  }

  with(owner: string): Holders {
    return this.has(owner) ? this : this.#derive(owner, (table) => table.add(owner));
  }

  without(owner: string): Holders {
    return this.has(owner) ? this.#derive(owner, (table) => table.delete(owner)) : this;
  }

  #derive(owner: string, change: (table: Set<string>) => unknown): Holders {
    const held = this.has(owner);
    const table = this.#table ?? this.#copy();
    change(table);
    const version = new Holders(table);
    if (this.#table !== undefined) {
      this.#table = undefined;
      this.#next = { version, owner, held };
    }
    return version;
  }

  /** Only for a version that is not the newest any more. */
  #copy(): Set<string> {
    const changes: { owner: string; held: boolean }[] = [];
    let version: Holders = this;
    while (version.#next !== undefined) {
      changes.push(version.#next);
      version = version.#next.version;
    }
    const table = new Set(version.#table);
    for (const { owner, held } of changes.reverse()) held ? table.add(owner) : table.delete(owner);
    return table;
  }
}
