import type { Change } from './port.ts';

/**
 * What an append changes in one inline projection, handed to it as `alongside` and written in its transaction. A declared inline
 * projection without such an entry has nothing to change: its checkpoint moves with every append.
 */
export interface InlineChanges {
  readonly projection: { readonly name: string; readonly version: number };
  /** One list for each event of the append, in order. */
  readonly changes: readonly (readonly Change[])[];
  /** Why the projection could not tell its changes (see describeFailure): the append stands, its events are parked. */
  readonly parked?: string;
}
