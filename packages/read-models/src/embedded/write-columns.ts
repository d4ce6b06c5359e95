import type { Position } from '@flexistream/kernel';

/** Documents of one collection, column by column: that crosses the thread at the least cost. */
export interface WriteColumns {
  readonly collection: string;
  readonly ids: readonly string[];
  readonly positions: readonly Position[];
  /** JSON, or null to drop the document. */
  readonly bodies: readonly (string | null)[];
  /** The positions that the documents had when they were read, where that is to be checked. */
  readonly seen?: readonly Position[];
}
