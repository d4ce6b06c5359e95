/** An event as it lies in a topic. */
export interface LogEntry {
  readonly position: number;
  readonly key: string;
  /** The integration event as JSON. */
  readonly body: string;
}

export interface NewEntry {
  /** The event's id: a second publication in the topic changes nothing. */
  readonly id: string;
  readonly key: string;
  readonly body: string;
}

/** A group's place in a topic: what it reads next comes after `position`. */
export interface Offset {
  readonly group: string;
  readonly topic: string;
  readonly position: number;
}

export interface ParkedEntry extends LogEntry {
  readonly group: string;
  readonly topic: string;
  readonly error: string;
}

/** What the embedded bus keeps; every answer of a write comes after it is durable. */
export interface TopicLog {
  publish(topic: string, entries: readonly NewEntry[]): Promise<void>;
  /** In order of position, which grows along all topics. */
  read(topic: string, after: number, limit: number): Promise<readonly LogEntry[]>;
  /** The position of the topic's newest entry, 0 when it has none. */
  head(topic: string): Promise<number>;
  /** The highest position that was ever given out. */
  end(): Promise<number>;
  /** The group's offset; a new group starts at 0, and from now on nothing is trimmed that it has not passed. */
  join(group: string, topic: string): Promise<number>;
  /** Puts the group's offsets back to 0. */
  rewind(group: string): Promise<void>;
  /** Never moves an offset back. With `parked`, both are kept or none; what is parked already stays as it is. */
  commit(offset: Offset, parked?: ParkedEntry): Promise<void>;
  /** In order of position. */
  parked(group: string): Promise<readonly ParkedEntry[]>;
  unpark(entry: ParkedEntry): Promise<void>;
  /** Keeps why an entry failed again. */
  repark(entry: ParkedEntry): Promise<void>;
  /** Drops what was published before that moment (ms since 1970) and passed by every group of its topic. */
  trim(before: number): Promise<void>;
  close(): Promise<void>;
}
