import { type Appended, type AppendOptions, Conflict, type Journal, type NewEvent, type StoredEvent } from './journal.ts';

/** Keeps streams in memory with the journal's rules of expected revisions and resends. */
export class MemoryJournal implements Journal {
  readonly #streams = new Map<string, StoredEvent[]>();
  #position = 0;

  async read(stream: string, { from = 0 }: { from?: number } = {}): Promise<readonly StoredEvent[]> {
    return (this.#streams.get(stream) ?? []).slice(from);
  }

  async last(stream: string): Promise<StoredEvent | undefined> {
    return this.#streams.get(stream)?.at(-1);
  }

  async append(stream: string, events: readonly NewEvent[], { expect }: AppendOptions): Promise<Appended> {
    const stored = this.#streams.get(stream) ?? [];
    const last = stored.length - 1;
    const fits = expect === 'any' || (expect === 'no-stream' ? last < 0 : expect === 'stream-exists' ? last >= 0 : expect === last);
    if (!fits) {
      const after = expect === 'no-stream' ? 0 : typeof expect === 'number' ? expect + 1 : stored.length;
      const resent = events.every((event, index) => stored[after + index]?.id === event.id);
      const final = stored[after + events.length - 1];
      if (!resent || final === undefined) throw new Conflict(stream);
      return { revision: final.revision, position: final.position };
    }
    for (const event of events) {
      this.#position++;
      stored.push({ ...event, stream, revision: stored.length, position: this.#position });
    }
    this.#streams.set(stream, stored);
    return { revision: stored.length - 1, position: this.#position };
  }
}
