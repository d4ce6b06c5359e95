import type { LogEntry, NewEntry, Offset, ParkedEntry, TopicLog } from './topic-log.ts';

interface Kept extends LogEntry, NewEntry {
  readonly topic: string;
}

/** A topic log that outlives its closing but not its process: to break on purpose, where SQLite would only be slow. */
export class MemoryTopicLog implements TopicLog {
  protected entries: Kept[] = [];
  protected readonly offsets = new Map<string, Offset>();
  protected parkedEntries: ParkedEntry[] = [];
  #given = 0;

  async publish(topic: string, entries: readonly NewEntry[]): Promise<void> {
    for (const entry of entries) {
      if (this.entries.some((one) => one.topic === topic && one.id === entry.id)) continue;
      this.#given++;
      this.entries.push({ ...entry, topic, position: this.#given });
    }
  }

  async read(topic: string, after: number, limit: number): Promise<readonly LogEntry[]> {
    return this.entries.filter((entry) => entry.topic === topic && entry.position > after).slice(0, limit);
  }

  async head(topic: string): Promise<number> {
    return this.entries.findLast((entry) => entry.topic === topic)?.position ?? 0;
  }

  async end(): Promise<number> {
    return this.#given;
  }

  async join(group: string, topic: string): Promise<number> {
    return this.offsets.get(placeOf(group, topic))?.position ?? 0;
  }

  async rewind(group: string): Promise<void> {
    for (const [place, offset] of this.offsets) if (offset.group === group) this.offsets.delete(place);
  }

  async commit(offset: Offset, parked?: ParkedEntry): Promise<void> {
    const place = placeOf(offset.group, offset.topic);
    if ((this.offsets.get(place)?.position ?? 0) < offset.position) this.offsets.set(place, offset);
    if (parked === undefined || this.parkedEntries.some((one) => one.group === parked.group && one.position === parked.position)) return;
    this.parkedEntries.push(parked);
  }

  async parked(group: string): Promise<readonly ParkedEntry[]> {
    return this.parkedEntries.filter((entry) => entry.group === group);
  }

  async unpark({ group, position }: ParkedEntry): Promise<void> {
    this.parkedEntries = this.parkedEntries.filter((entry) => entry.group !== group || entry.position !== position);
  }

  async repark(again: ParkedEntry): Promise<void> {
    this.parkedEntries = this.parkedEntries.map((entry) =>
      entry.group === again.group && entry.position === again.position ? again : entry,
    );
  }

  async trim(): Promise<void> {}

  async close(): Promise<void> {}
}

const placeOf = (group: string, topic: string): string => JSON.stringify([group, topic]);
