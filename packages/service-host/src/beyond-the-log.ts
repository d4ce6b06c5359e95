import type { Position } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import type { Stores } from './infrastructure.ts';
import { relayCheckpoint } from './relay.ts';
import type { AnyService } from './service.ts';

/** Something that follows a log has seen more than the log holds. It would never notice what it lacks: its documents skip every position up to theirs. */
export class BeyondTheLog extends Error {
  readonly code = 'service-host/beyond-the-log';
}

interface Follower {
  readonly name: string;
  readonly at: Position;
  readonly heals: string;
}

/**
 * Documents and log are of two instants when a projection, or the relay, stands beyond the log's end: a restore mixed them.
 * @throws BeyondTheLog naming each of them, and what heals it
 */
export const refuseBeyondTheLog = async (service: AnyService, { eventStore, readModels, shared }: Stores, log: Log): Promise<void> => {
  const followers: Follower[] = [];
  for (const projection of service.projections) {
    followers.push({ name: `the projection ${projection.name}`, at: await readModels.checkpoint(projection), heals: 'rebuild' });
  }
  if (service.publishes !== undefined) {
    followers.push({ name: 'the relay', at: await readModels.checkpoint(relayCheckpoint), heals: 'republish --from POSITION' });
  }
  const end = await eventStore.end();
  const beyond = followers.filter(({ at }) => at > end);
  if (beyond.length > 0) throw new BeyondTheLog(textOf(service.name, beyond, end));
  // On a log of its own the end is exact. On a shared one others may have moved it past what this log lacks: that cannot be told from a scavenge.
  const head = shared ? await eventStore.head() : end;
  for (const { name, at, heals } of followers.filter((one) => one.at > head)) {
    log.warn(
      { at, head },
      `${name} stands past the newest event: fine after a scavenge; after a restore that mixed two instants run ${heals}`,
    );
  }
};

const textOf = (service: string, beyond: readonly Follower[], end: Position): string =>
  [
    `what follows the log of ${service} has seen more than it holds, so a restore has mixed two instants; nothing was changed:`,
    ...beyond.map(({ name, at, heals }) => `  ${name} stands at ${at}, the log ends at ${end}; ${heals} heals it`),
  ].join('\n');
