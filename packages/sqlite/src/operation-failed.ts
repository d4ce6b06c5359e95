import type { Thrown } from './outcome.ts';

/** An operation threw, and nothing of it is kept. `code` and plain fields are those of the error that the program threw. */
export class OperationFailed extends Error {
  readonly code: string = 'sqlite/operation-failed';
  constructor({ message, stack, fields }: Thrown) {
    super(message);
    Object.assign(this, fields);
    if (stack !== undefined) this.stack = stack;
  }
}
