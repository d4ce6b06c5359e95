import { Unavailable } from '@flexistream/kernel';
import { status } from '@grpc/grpc-js';

/** The stream does not stand where an append or a deletion expected it; `current` is its last revision, if the server told. */
export class WrongRevision extends Error {
  readonly current: number | undefined;
  constructor(current: number | undefined) {
    super('wrong expected version');
    this.current = current;
  }
}

/** The server says that the stream is deleted: softly for `stream-exists`, else for good. */
export class StreamIsDeleted extends Error {}

/** The server refuses, and would again: no access, or a request that it does not take. */
export class Refused extends Error {}

/** It does not let this process in. */
export class AccessDenied extends Refused {
  readonly code = 'event-store/refused';
}

/** Nobody knows whether it was done: the connection broke, nobody answered in time, or the node could not say. */
export class Unsure extends Error {}

/** What the port's callers see of anything that is not a conflict. */
export const asUnavailable = (error: unknown): Unavailable =>
  error instanceof Unavailable ? error : new Unavailable('EventStoreDB does not answer', { cause: error });

const denials: ReadonlySet<unknown> = new Set([status.UNAUTHENTICATED, status.PERMISSION_DENIED]);
const refusals: ReadonlySet<unknown> = new Set([
  status.INVALID_ARGUMENT,
  status.UNIMPLEMENTED,
  status.FAILED_PRECONDITION,
  status.OUT_OF_RANGE,
]);

/**
 * What a broken call means. The server names its exceptions in the trailer `exception`
 * (@eventstore/db-client dist/utils/CommandError.js, convertToCommandError).
 */
export const failureOf = (error: unknown): Error => {
  if (!(error instanceof Error) || !('code' in error)) return new Unsure('a call failed', { cause: error });
  switch (exceptionOf(error)) {
    case 'wrong-expected-version':
      return new WrongRevision(undefined);
    case 'stream-deleted':
      return new StreamIsDeleted('the stream is deleted', { cause: error });
    case 'access-denied':
      return new AccessDenied('access denied', { cause: error });
    case 'maximum-append-size-exceeded':
      return new RangeError('an append is too large', { cause: error });
    default:
      if (denials.has(error.code)) return new AccessDenied('access denied', { cause: error });
      return refusals.has(error.code) ? new Refused('refused', { cause: error }) : new Unsure('a call failed', { cause: error });
  }
};

const exceptionOf = (error: Error): string | undefined => {
  if ('type' in error && typeof error.type === 'string') return error.type; // converted by the client already
  if (!('metadata' in error) || typeof error.metadata !== 'object' || error.metadata === null) return undefined;
  const { metadata } = error;
  if (!('get' in metadata) || typeof metadata.get !== 'function') return undefined;
  const [exception] = metadata.get('exception') as readonly unknown[];
  return typeof exception === 'string' ? exception : undefined;
};
