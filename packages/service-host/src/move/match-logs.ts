import { isDeepStrictEqual } from 'node:util';
import type { EventStore } from '@flexistream/event-store';
import type { StoredEvent } from '@flexistream/kernel';
import { MoveRefused } from './move-refused.ts';
import type { MovedEvent } from './moved-log.ts';

const PAGE = 1_000;

/**
 * Holds the target's log against what is to stand there, from the beginning, and answers how much of it stands: what a run that
 * was cut off has left is a beginning of it.
 * @throws MoveRefused when anything else stands there.
 */
export const matchLogs = async (
  wanted: Iterator<MovedEvent>,
  target: EventStore,
  onPair: (wanted: MovedEvent, stored: StoredEvent) => void = () => {},
): Promise<number> => {
  let matched = 0;
  for (let after = 0; ; ) {
    const page = await target.readAll({ after, limit: PAGE });
    for (const stored of page) {
      const next = wanted.next();
      if (next.done === true || !isSame(next.value, stored)) {
        throw new MoveRefused(
          `the target holds events of other origin or order, after ${matched} that were moved: give it an INSTALLATION of its own, or empty it`,
        );
      }
      onPair(next.value, stored);
      matched++;
    }
    const last = page.at(-1);
    if (last === undefined) return matched;
    after = last.position;
  }
};

const isSame = ({ stream, revision, event }: MovedEvent, { position: _, ...stored }: StoredEvent): boolean =>
  isDeepStrictEqual({ stream, revision, ...event }, stored);
