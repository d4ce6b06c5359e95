import type { ConsumeOptions } from '../port.ts';
import type { GroupTopic } from './group-topic.ts';
import { handlePatiently } from './handling.ts';
import type { News } from './news.ts';
import { OffsetKeeper } from './offset-keeper.ts';
import type { LogEntry, TopicLog } from './topic-log.ts';
import type { Turns } from './turns.ts';

export interface ReadingOptions extends ConsumeOptions {
  readonly log: TopicLog;
  readonly news: News;
  readonly turns: Turns;
  readonly place: GroupTopic;
  readonly signal: AbortSignal;
}

const BATCH = 100;

/** Reads one topic for one group until the signal aborts; waits while another consumer of the group reads it. */
export const readTopic = async (options: ReadingOptions): Promise<void> => {
  const { turns, place, signal } = options;
  const end = await turns.take(place.reading, signal);
  if (end === undefined) return;
  try {
    await follow(options);
  } finally {
    end();
  }
};

const follow = async (options: ReadingOptions): Promise<void> => {
  const { log, news, place, signal } = options;
  const keeper = new OffsetKeeper(log, place);
  let position = place.progress.position;
  try {
    while (!signal.aborted) {
      const heard = news.heard(place.topic); // before reading: what is published meanwhile is read at once
      const batch = await log.read(place.topic, position, BATCH);
      if (batch.length === 0) await news.since(place.topic, heard, signal);
      else position = await doInOrder(batch, position, keeper, options);
    }
  } finally {
    await keeper.settled();
  }
};

/** Answers the position up to which all is done or parked. */
const doInOrder = async (batch: readonly LogEntry[], from: number, keeper: OffsetKeeper, options: ReadingOptions): Promise<number> => {
  let position = from;
  for (const entry of batch) {
    if (options.signal.aborted) break;
    const passed = await options.turns.run(options.place.turn(entry.key), () => pass(entry, keeper, options));
    if (!passed) break;
    position = entry.position;
  }
  return position;
};

/** Does or parks one entry; false when it was stopped before either. */
const pass = async (entry: LogEntry, keeper: OffsetKeeper, options: ReadingOptions): Promise<boolean> => {
  const { group, topic, parkedKeys } = options.place;
  const park = (error: string) => keeper.park({ ...entry, group, topic, error });
  if (parkedKeys.has(entry.key)) {
    await park('waits behind an earlier event of its key');
    return true;
  }
  const handled = await handlePatiently(entry, options, options.signal);
  if (handled.outcome === 'stopped') return false;
  if (handled.outcome === 'failed') await park(handled.error);
  else keeper.finish(entry.position);
  return true;
};
