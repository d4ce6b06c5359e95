import type { StoredEvent } from '@flexistream/kernel';
import { openAtRest } from '@flexistream/sqlite';
import type { ReadAllOptions } from '../port.ts';
import { LogReader } from './log-reader.ts';

/** What became or is to become of a stream. */
export interface StreamFate {
  readonly stream: string;
  /** The lowest revision that can still be read or written: those before it were removed. */
  readonly first: number;
  /** Ms since 1970; undefined: it does not expire. */
  readonly expiresAt: number | undefined;
}

/** A log that no process has open. Nothing is written, nothing swept. */
export interface LogAtRest {
  events(options: ReadAllOptions): readonly StoredEvent[];
  stream(name: string): readonly StoredEvent[];
  count(): number;
  /** In the order of their names. */
  fates(): readonly StreamFate[];
  close(): void;
}

export const openLogAtRest = (file: string): LogAtRest => {
  const reader = openAtRest(file);
  const log = new LogReader(reader);
  return {
    events: (options) => log.all(options),
    stream: (name) => log.stream(name, {}, Date.now()),
    count: () => reader.get<{ events: number }>('SELECT count(*) AS events FROM events')?.events ?? 0,
    fates: () =>
      reader
        .all<{ stream: string; first: number; expires_at: number | null }>('SELECT stream, first, expires_at FROM fates ORDER BY stream')
        .map(({ stream, first, expires_at }) => ({ stream, first, expiresAt: expires_at ?? undefined })),
    close: () => reader.close(),
  };
};
