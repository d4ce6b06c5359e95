import type { Fact } from './decider.ts';
import { eventId } from './ids.ts';

/** Where a log stands. Grows along the log; 0 = before the first event. */
export type Position = number;

/** `any` promises no idempotency: it is for facts that may stand twice (design §4). A number is the exact revision of the last event. */
export type ExpectedRevision = 'any' | 'no-stream' | 'stream-exists' | number;

/** Who asked for what, kept beside each event. */
export interface Metadata {
  /** The command's id: a UUID v7, made once per HTTP request, or the id of the consumed event. */
  readonly command: string;
  readonly correlation: string;
  readonly causation?: string;
  /** `account:<id>`, `public` or `system:<service>`. */
  readonly actor: string;
  /** The id of the space that the request acts in. */
  readonly space?: string;
  readonly traceparent?: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
}

export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly schema: number;
  readonly data: object;
  readonly metadata: Metadata;
}

export interface StoredEvent extends NewEvent {
  readonly stream: string;
  /** Counts from 0 in its stream. */
  readonly revision: number;
  readonly position: Position;
}

export interface Appended {
  /** Of the last event of the append. */
  readonly revision: number;
  readonly position: Position;
}

export interface AppendOptions {
  readonly expect: ExpectedRevision;
  /** Whose key seals the `personal` part; without it the stream's own name. */
  readonly subject?: string;
}

/** What command handling needs of a log: streams are one aggregate each and small. Sealed parts come back opened, or as `'erased'`. */
export interface Journal {
  read(stream: string, options?: { readonly from?: number }): Promise<readonly StoredEvent[]>;
  last(stream: string): Promise<StoredEvent | undefined>;
  /** @throws Conflict when the stream is not at the expected revision and does not hold these very events. */
  append(stream: string, events: readonly NewEvent[], options: AppendOptions): Promise<Appended>;
}

export class Conflict extends Error {
  readonly code = 'event-store/conflict';
  readonly stream: string;
  constructor(stream: string, options?: ErrorOptions) {
    super('a stream has moved on', options);
    this.stream = stream;
  }
}

export const isConflict = (error: unknown): error is Conflict => hasCode(error, 'event-store/conflict');

/** The store cannot answer: 503 with Retry-After at the edge. */
export class Unavailable extends Error {
  readonly code = 'unavailable';
}

export const isUnavailable = (error: unknown): error is Unavailable => hasCode(error, 'unavailable');

/** The stream holds an event of a newer release, on which this one must not decide: 503 at the edge. */
export class NewerRelease extends Error {
  readonly code = 'unavailable';
}

const hasCode = (error: unknown, code: string): boolean => error instanceof Error && 'code' in error && error.code === code;

/** The context of one command: what the gateway, a consumer or a schedule knows of it. */
export interface CommandContext extends Omit<Metadata, 'command' | 'at'> {
  readonly id: string;
  /** ISO 8601, UTC, milliseconds. */
  readonly at: string;
}

/** The context of a further command that this one causes, e.g. a release: ids of its events differ, a resend is still the same. */
export const derived = (context: CommandContext, purpose: string): CommandContext => ({ ...context, id: eventId(context.id, purpose, 0) });

/** Facts become events: ids derive from the command, the stream and the place in the append. */
export const stamp = (facts: readonly Fact[], stream: string, context: CommandContext, version: (type: string) => number): NewEvent[] => {
  const { id, ...rest } = context;
  const metadata: Metadata = { ...rest, command: id };
  return facts.map((fact, index) => ({
    id: eventId(id, stream, index),
    type: fact.type,
    schema: version(fact.type),
    data: fact.data,
    metadata,
  }));
};
