import type { EventStore } from '@flexistream/event-store';
import type { LogAtRest } from '@flexistream/event-store/embedded';
import type { LogImport } from '@flexistream/event-store/eventstoredb';
import type { Position } from '@flexistream/kernel';
import { matchLogs } from './match-logs.ts';
import { MoveDiffers } from './move-refused.ts';
import { asAppends, lengthOf, type MovedEvent, movedLog, removedStreams } from './moved-log.ts';
import { Positions } from './positions.ts';

/** So many streams are removed or set to expire at once. */
const AT_ONCE = 64;

export type OnProgress = (done: number, of: number) => void;

/**
 * Appends what is not there yet. Streams that were removed are removed before their later events come, which then go on after the
 * last revision; ends are set last, since until then everything must read as it is written.
 */
export const copyLog = async (log: LogAtRest, target: EventStore, into: LogImport, onProgress: OnProgress): Promise<void> => {
  const of = lengthOf(log);
  let done = await matchLogs(movedLog(log), target);
  onProgress(done, of);
  const tell = (events: number): void => {
    done += events;
    onProgress(done, of);
  };
  const rest = skip(movedLog(log), done);
  await into.append(asAppends(takeWhile(rest, ({ position }) => position === 0)), tell);
  await inGroups(removedStreams(log), ({ stream, first }) => into.bury(stream, first - 1));
  await into.append(asAppends(skip(movedLog(log), Math.max(done, lengthOf(log) - log.count()))), tell);
  const ends = log.fates().flatMap(({ stream, expiresAt }) => (expiresAt === undefined ? [] : [{ stream, expiresAt }]));
  await inGroups(ends, ({ stream, expiresAt }) => target.expire(stream, expiresAt));
};

export interface ProvenLog {
  /** Where the relay goes on: before the first event that was not published yet, or whose consequences elsewhere are not done. */
  readonly relayed: Position;
  readonly positions: Positions;
}

/** Proves that both logs are the same, event by event. */
export const proveLog = async (log: LogAtRest, target: EventStore, isUnfinished: (event: MovedEvent) => boolean): Promise<ProvenLog> => {
  const positions = new Positions();
  let relayed = 0;
  let reached = false;
  const matched = await matchLogs(movedLog(log), target, (event, { position }) => {
    reached ||= isUnfinished(event);
    if (!reached) relayed = position;
    if (event.position > 0) positions.note(event.position, position);
  });
  if (matched < lengthOf(log)) throw new MoveDiffers(`the target's log lacks ${lengthOf(log) - matched} events`);
  return { relayed, positions };
};

function* skip<T>(all: Iterable<T>, count: number): Generator<T> {
  let left = count;
  for (const one of all) if (left-- <= 0) yield one;
}

function* takeWhile<T>(all: Iterable<T>, holds: (one: T) => boolean): Generator<T> {
  for (const one of all) {
    if (!holds(one)) return;
    yield one;
  }
}

const inGroups = async <T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> => {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(work));
};
