import { type Clock, systemClock } from '@flexistream/kernel';
import type { Writer } from '@flexistream/sqlite';
import type { EventBus } from '../port.ts';
import { LogBus } from './log-bus.ts';
import { Retention } from './retention.ts';
import { SqliteTopicLog } from './sqlite-topic-log.ts';

export { type BusAtRest, openBusAtRest } from './bus-at-rest.ts';

export interface EmbeddedBusOptions {
  /** `bus.db` in `DATA_DIR`. */
  readonly file: string;
  readonly writer: Writer;
  readonly clock?: Clock;
}

/**
 * Topic logs in one SQLite file, for all services of one process. Seven days of each topic are kept, and longer what a group has not
 * consumed yet (design §6). An event that is published again within that time is not delivered again.
 */
export const openEmbeddedBus = async ({ file, writer, clock = systemClock }: EmbeddedBusOptions): Promise<EventBus> => {
  const log = await SqliteTopicLog.open(file, writer, clock);
  const retention = new Retention(log, clock);
  return new EmbeddedBus(log, retention);
};

class EmbeddedBus extends LogBus {
  readonly #retention: Retention;

  constructor(log: SqliteTopicLog, retention: Retention) {
    super(log);
    this.#retention = retention;
  }

  override async close(): Promise<void> {
    await this.#retention.stop();
    await super.close();
  }
}
