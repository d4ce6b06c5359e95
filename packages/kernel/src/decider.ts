/** What happened, before it is stamped: a type and the data that the type's schema names. */
export interface Fact {
  readonly type: string;
  readonly data: object;
}

/** What somebody asks for. Time, ids and randomness arrive in it: a decider has none of its own. */
export interface Command {
  readonly type: string;
  readonly data: object;
  /** The moment of the request, ISO 8601 in UTC with milliseconds. */
  readonly now: string;
}

/** A refusal is a value with a stable code; `details` holds what the HTTP edge needs to word it. */
export interface Refusal<Code extends string = string> {
  readonly refused: Code;
  readonly details?: Readonly<Record<string, unknown>>;
}

export type Decision<E extends Fact> = readonly E[] | Refusal;

export const refuse = <Code extends string>(code: Code, details?: Record<string, unknown>): Refusal<Code> =>
  details === undefined ? { refused: code } : { refused: code, details };

export const isRefusal = (value: unknown): value is Refusal => typeof value === 'object' && value !== null && 'refused' in value;

/**
 * The rules of one aggregate. `evolve` is total and ignores what it does not know; `decide` answers events, none when
 * nothing changes, or a refusal.
 */
export interface Decider<S, C extends Command, E extends Fact> {
  readonly initial: S;
  readonly events: EventReader<E>;
  readonly evolve: (state: S, event: E) => S;
  readonly decide: (command: C, state: S) => Decision<E>;
}

/** Reads a stored event as the newest version of its type; undefined for a type that this release does not know. */
export interface EventReader<E extends Fact> {
  read(stored: { readonly type: string; readonly schema: number; readonly data: object }): E | undefined;
  /** The schema version that this release writes. */
  version(type: string): number;
}

export const fold = <S, E extends Fact>(decider: Pick<Decider<S, Command, E>, 'initial' | 'evolve'>, events: Iterable<E>): S => {
  let state = decider.initial;
  for (const event of events) state = decider.evolve(state, event);
  return state;
};

/** Makes an exhaustive switch a compile error when a case is missing. */
export const unreachable = (value: never): never => {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
};
