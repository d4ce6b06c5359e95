import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { type ClaimRules, releaseClaim, takeClaims } from './claims.ts';
import { type Command, type Decider, type Fact, isRefusal, type Refusal } from './decider.ts';
import { type CommandContext, isConflict, type Journal, NewerRelease, type Position, stamp, Unavailable } from './journal.ts';

export interface Loaded<S> {
  readonly state: S;
  /** Of the last event; undefined while the stream has none. */
  readonly revision: number | undefined;
  /** True when the stream holds an event type that this release does not know. */
  readonly skipped: boolean;
}

/** What a command led to: the aggregate's state after it, from which the answer is made (design §5). */
export interface Handled<S, E> {
  readonly state: S;
  readonly events: readonly E[];
  readonly revision: number | undefined;
  /** Of the last event that this command appended; undefined when nothing changed. */
  readonly position: Position | undefined;
}

export interface HandleOptions<S, E extends Fact> {
  readonly context: CommandContext;
  readonly subject?: string;
  readonly claims?: ClaimRules<S, E>;
}

export const load = async <S, C extends Command, E extends Fact>(
  journal: Journal,
  decider: Decider<S, C, E>,
  stream: string,
): Promise<Loaded<S>> => {
  let state = decider.initial;
  let revision: number | undefined;
  let skipped = false;
  for (const stored of await journal.read(stream)) {
    const event = decider.events.read(stored);
    if (event === undefined) skipped = true;
    else state = decider.evolve(state, event);
    revision = stored.revision;
  }
  return { state, revision, skipped };
};

const RETRY_FOR_MS = 5_000;

/** Load, decide, append at the revision that was loaded; only a conflict is retried, with jitter, for at most 5 s (design §4). */
export const handle = async <S, C extends Command, E extends Fact>(
  journal: Journal,
  decider: Decider<S, C, E>,
  stream: string,
  command: C,
  options: HandleOptions<S, E>,
): Promise<Handled<S, E> | Refusal> => {
  const deadline = Date.now() + RETRY_FOR_MS;
  const onConflict = retry(
    handleWhen((error) => isConflict(error) && Date.now() < deadline),
    { maxAttempts: 100, backoff: new ExponentialBackoff({ initialDelay: 5, maxDelay: 250 }) },
  );
  try {
    return await inTurn(journal, stream, () => onConflict.execute(() => attempt(journal, decider, stream, command, options)));
  } catch (error) {
    if (isConflict(error)) throw new Unavailable('too many writers on one stream', { cause: error });
    throw error;
  }
};

const attempt = async <S, C extends Command, E extends Fact>(
  journal: Journal,
  decider: Decider<S, C, E>,
  stream: string,
  command: C,
  { context, subject, claims }: HandleOptions<S, E>,
): Promise<Handled<S, E> | Refusal> => {
  const { state, revision, skipped } = await load(journal, decider, stream); // 1. what has happened
  if (skipped) throw new NewerRelease(`${stream.split('-')[0]} was written by a newer release`);
  const decision = decider.decide(command, state); // 2. what follows from it
  if (isRefusal(decision)) return decision;
  if (decision.length === 0) return { state, events: [], revision, position: undefined };
  const refusal = claims && (await takeClaims(journal, claims, decision, state, stream, context));
  if (refusal) return refusal;
  const events = stamp(decision, stream, context, decider.events.version);
  const expect = revision ?? 'no-stream';
  const appended = await journal.append(stream, events, subject === undefined ? { expect } : { expect, subject }); // 3. if nothing moved meanwhile
  for (const claim of claims?.freed(decision, state) ?? []) await releaseClaim(journal, claim, stream, context);
  return { state: decision.reduce(decider.evolve, state), events: decision, ...appended };
};

const queues = new WeakMap<Journal, Map<string, Promise<unknown>>>();

/** Commands to one stream wait for one another inside a process, so that only other processes can make conflicts. */
const inTurn = async <T>(journal: Journal, stream: string, work: () => Promise<T>): Promise<T> => {
  const queue = queues.get(journal) ?? new Map<string, Promise<unknown>>();
  queues.set(journal, queue);
  const before = queue.get(stream);
  const mine = before === undefined ? work() : before.then(work, work);
  queue.set(stream, mine);
  try {
    return await mine;
  } finally {
    if (queue.get(stream) === mine) queue.delete(stream);
  }
};
