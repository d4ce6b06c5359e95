import type { LogAtRest, StreamFate } from '@flexistream/event-store/embedded';
import type { ImportedAppend } from '@flexistream/event-store/eventstoredb';
import { eventId, type NewEvent, type Position } from '@flexistream/kernel';

/** An event as it is to stand on the target. */
export interface MovedEvent {
  readonly stream: string;
  readonly revision: number;
  readonly event: NewEvent;
  /** In the folder's log; 0 for what only takes up a revision. */
  readonly position: Position;
}

/** Names no one's command; its time is 1970. */
const MOVE = '00000000-0000-7000-8000-000000000000';

/**
 * Takes up a revision whose event was removed, so that it never comes back. Its stream is removed at once, so no aggregate sees it;
 * projections and relays do not know its type. The same at each run.
 */
const takenUp = (stream: string, revision: number): NewEvent => ({
  id: eventId(MOVE, stream, revision),
  type: 'RevisionTakenUp',
  schema: 1,
  data: {},
  metadata: { command: MOVE, correlation: MOVE, actor: 'system:move', at: '1970-01-01T00:00:00.000Z' },
});

const PAGE = 1_000;

export const removedStreams = (log: LogAtRest): readonly StreamFate[] => log.fates().filter(({ first }) => first > 0);

/** Everything that is to stand on the target, in its order: first what takes up the revisions of removed streams, then the log. */
export function* movedLog(log: LogAtRest): Generator<MovedEvent> {
  for (const { stream, first } of removedStreams(log)) {
    for (let revision = 0; revision < first; revision++) yield { stream, revision, event: takenUp(stream, revision), position: 0 };
  }
  for (let after = 0; ; ) {
    const page = log.events({ after, limit: PAGE });
    for (const { stream, revision, position, ...event } of page) yield { stream, revision, event, position };
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.position;
  }
}

export const lengthOf = (log: LogAtRest): number => log.count() + removedStreams(log).reduce((sum, { first }) => sum + first, 0);

/** What one command appended to a stream goes in one append again. */
export function* asAppends(events: Iterable<MovedEvent>): Generator<ImportedAppend> {
  let open: { stream: string; revision: number; events: NewEvent[] } | undefined;
  for (const { stream, revision, event } of events) {
    const follows =
      open !== undefined &&
      open.stream === stream &&
      open.revision + open.events.length === revision &&
      open.events[0]?.metadata.command === event.metadata.command;
    if (follows) open?.events.push(event);
    else {
      if (open !== undefined) yield open;
      open = { stream, revision, events: [event] };
    }
  }
  if (open !== undefined) yield open;
}
