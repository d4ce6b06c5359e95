import { randomUUID } from 'node:crypto';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { caughtUp, checkpointAt, confirmation, eventAnswer } from './answers.ts';
import type { News } from './news.ts';
import type { ReadOptions, ReadRequest, ReadResponse } from './protocol.ts';
import { filterOf } from './reading.ts';
import type { RecordLog } from './record-log.ts';

const PAGE = 200;

/**
 * A catch-up subscription to `$all`: what is there after the position (exclusive), then what comes. With a filter a checkpoint is sent after
 * every `multiplier × window` records looked at, and where the end is reached (EventStoreDB docs, "Server-side filtering", checkpoint
 * interval). It waits while the subscriber does not take what was sent.
 */
export const follow = async (
  call: ServerWritableStream<ReadRequest, ReadResponse>,
  options: ReadOptions,
  log: RecordLog,
  news: News,
): Promise<void> => {
  const matches = filterOf(options);
  const interval = checkpointInterval(options);
  const send = async (response: ReadResponse) => {
    if (!call.write(response) && !call.destroyed && !call.cancelled) await takenOrGone(call);
  };
  let place = await startOf(options);
  let looked = 0;
  await send(confirmation(randomUUID()));
  while (!call.cancelled && !call.destroyed && log.isOpen) {
    const changed = news.next; // before looking: what is written meanwhile is seen at once
    const page = log.after(place, PAGE);
    for (const record of page) {
      place = record.position;
      if (matches(record)) await send(eventAnswer(record));
      if (interval !== undefined && ++looked % interval === 0) await send(checkpointAt(place));
      if (call.cancelled || call.destroyed) return;
    }
    if (page.length === PAGE) continue;
    if (page.length > 0) await send(caughtUp());
    await Promise.race([changed, gone(call)]);
  }
};

const startOf = async (options: ReadOptions): Promise<number> => {
  const all = options.getAll();
  if (all?.hasPosition() === true) return Number(all.getPosition()?.getCommitPosition());
  return all?.hasEnd() === true ? Number.MAX_SAFE_INTEGER : 0;
};

const checkpointInterval = (options: ReadOptions): number | undefined => {
  const filter = options.getFilter();
  if (filter === undefined) return undefined;
  return filter.getCheckpointintervalmultiplier() * (filter.hasMax() ? filter.getMax() : 32);
};

const gone = (call: ServerWritableStream<ReadRequest, ReadResponse>): Promise<void> =>
  new Promise((resolve) => {
    call.once('cancelled', () => resolve());
    call.once('close', () => resolve());
  });

const takenOrGone = (call: ServerWritableStream<ReadRequest, ReadResponse>): Promise<void> =>
  Promise.race([new Promise<void>((resolve) => call.once('drain', () => resolve())), gone(call)]);
