import type { ExpectedRevision } from '@flexistream/kernel';
import { BatchAppendReq, Empty, identify, ReadReq, type ReadRequest } from './protocol.ts';

const { Options } = ReadReq;
export type Direction = 'forwards' | 'backwards';
const EVERYTHING = Number.MAX_SAFE_INTEGER;

const request = (fill: (options: InstanceType<typeof Options>) => void): ReadRequest => {
  const options = new Options();
  const ids = new Options.UUIDOption();
  ids.setString(new Empty());
  options.setUuidOption(ids);
  options.setResolveLinks(false);
  fill(options);
  const whole = new ReadReq();
  whole.setOptions(options);
  return whole;
};

export interface StreamRange {
  /** Inclusive; absent: from the beginning, or backwards from the end. */
  readonly from?: number | undefined;
  readonly direction?: Direction | undefined;
  readonly limit?: number | undefined;
}

export const readStreamRequest = (stream: string, { from, direction = 'forwards', limit = EVERYTHING }: StreamRange): ReadRequest =>
  request((options) => {
    const range = new Options.StreamOptions();
    range.setStreamIdentifier(identify(stream));
    if (from !== undefined) range.setRevision(String(from));
    else if (direction === 'forwards') range.setStart(new Empty());
    else range.setEnd(new Empty());
    options.setStream(range);
    options.setReadDirection(direction === 'forwards' ? 0 : 1);
    options.setCount(String(limit));
    options.setNoFilter(new Empty());
  });

/** `from`: inclusive for a read. The server's own log is never looked through by us: it filters. */
export const readAllRequest = (
  prefixes: readonly string[],
  { from, direction = 'forwards', limit = EVERYTHING }: StreamRange,
): ReadRequest =>
  request((options) => {
    options.setAll(allFrom(from, direction));
    options.setReadDirection(direction === 'forwards' ? 0 : 1);
    options.setCount(String(limit));
    options.setFilter(byPrefix(prefixes));
  });

/** The newest event of all, whoever wrote it. */
export const endOfAllRequest = (): ReadRequest =>
  request((options) => {
    options.setAll(allFrom(undefined, 'backwards'));
    options.setReadDirection(1);
    options.setCount('1');
    options.setNoFilter(new Empty());
  });

/** `after`: exclusive for a subscription (EventStoreDB docs, "Catch-up subscriptions", starting from a position). */
export const subscribeRequest = (prefixes: readonly string[], after: number): ReadRequest =>
  request((options) => {
    options.setAll(allFrom(after === 0 ? undefined : after, 'forwards'));
    options.setReadDirection(0);
    options.setSubscription(new Options.SubscriptionOptions());
    options.setFilter(byPrefix(prefixes));
  });

/** Commit and prepare position are one for records of implicit transactions, the only ones that gRPC writes. */
const allFrom = (position: number | undefined, direction: Direction) => {
  const all = new Options.AllOptions();
  if (position !== undefined) {
    const place = new Options.Position();
    place.setCommitPosition(String(position));
    place.setPreparePosition(String(position));
    all.setPosition(place);
  } else if (direction === 'forwards') all.setStart(new Empty());
  else all.setEnd(new Empty());
  return all;
};

const SEARCH_WINDOW = 1_000;

const byPrefix = (prefixes: readonly string[]) => {
  const expression = new Options.FilterOptions.Expression();
  expression.setPrefixList([...prefixes]);
  const filter = new Options.FilterOptions();
  filter.setStreamIdentifier(expression);
  filter.setMax(SEARCH_WINDOW);
  filter.setCheckpointintervalmultiplier(10); // a checkpoint after 10,000 records that are not ours, so that a reopening skips them
  return filter;
};

export const appendOptions = (stream: string, expect: ExpectedRevision) => {
  const options = new BatchAppendReq.Options();
  options.setStreamIdentifier(identify(stream));
  if (expect === 'any') options.setAny(new Empty());
  else if (expect === 'no-stream') options.setNoStream(new Empty());
  else if (expect === 'stream-exists') options.setStreamExists(new Empty());
  else options.setStreamPosition(String(expect));
  return options;
};
