import { eventAnswer, notFoundAnswer } from './answers.ts';
import { nameIn, type ReadOptions, type ReadResponse } from './protocol.ts';
import type { LogRecord, RecordLog } from './record-log.ts';
import { readableOf } from './stream-rules.ts';

const PAGE = 500;

/** A read of a stream; `revision` is inclusive in both directions, and a place beyond the end reads backwards from the end. */
export const readStream = (log: RecordLog, options: ReadOptions, now: number): readonly ReadResponse[] => {
  const range = options.getStream();
  const stream = nameIn(range?.getStreamIdentifier());
  const readable = readableOf(log, stream, now);
  if (range === undefined || readable === undefined) return [notFoundAnswer(stream)];
  const backwards = options.getReadDirection() === 1;
  const from = range.hasRevision() ? Number(range.getRevision()) : range.hasEnd() === backwards ? undefined : Number.POSITIVE_INFINITY;
  const inRange = readable.filter(({ revision }) => from === undefined || (backwards ? revision <= from : revision >= from));
  const ordered = backwards ? inRange.toReversed() : inRange;
  return ordered.slice(0, Number(options.getCount())).map(eventAnswer);
};

/** Which records of `$all` a filter lets through (EventStoreDB docs, "Server-side filtering": prefixes or a regular expression). */
export const filterOf = (options: ReadOptions): ((record: LogRecord) => boolean) => {
  const filter = options.getFilter();
  const expression = filter?.getStreamIdentifier() ?? filter?.getEventType();
  if (filter === undefined || expression === undefined) return () => true;
  const textOf = filter.hasStreamIdentifier() ? ({ stream }: LogRecord) => stream : ({ type }: LogRecord) => type;
  const prefixes = expression.getPrefixList();
  const pattern = expression.getRegex() === '' ? undefined : new RegExp(expression.getRegex());
  return (record) => {
    const text = textOf(record);
    return pattern === undefined ? prefixes.some((prefix) => text.startsWith(prefix)) : pattern.test(text);
  };
};

/**
 * A read of `$all`. A stream's metadata does not count here: what is deleted or too old stays until a scavenge
 * (EventStoreDB docs, "Deleting streams and events"). A position is inclusive forwards, exclusive backwards.
 */
export function* readAll(log: RecordLog, options: ReadOptions): Generator<ReadResponse> {
  const all = options.getAll();
  const matches = filterOf(options);
  const backwards = options.getReadDirection() === 1;
  const given = all?.hasPosition() === true ? Number(all.getPosition()?.getCommitPosition()) : undefined;
  let place = given ?? (backwards ? Number.MAX_SAFE_INTEGER : 0);
  if (given !== undefined && !backwards) place -= 1;
  let left = Number(options.getCount());
  while (left > 0) {
    const page = backwards ? log.before(place, PAGE) : log.after(place, PAGE);
    for (const record of page) {
      place = record.position;
      if (!matches(record)) continue;
      yield eventAnswer(record);
      if (--left === 0) return;
    }
    if (page.length < PAGE) return;
  }
}
