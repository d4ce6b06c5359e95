import { types } from 'node:util';

/** How one operation went, in a form that crosses a thread. */
export type Outcome =
  | { readonly done: unknown }
  | { readonly failed: Thrown }
  /** The transaction did not come about: whether anything of it is on disk is not known to the caller. */
  | { readonly lost: string };

/** An error as plain values: classes do not survive a structured clone, codes do. */
export interface Thrown {
  readonly message: string;
  readonly stack: string | undefined;
  /** `code` and the other own fields that are plain. */
  readonly fields: Readonly<Record<string, string | number | boolean>>;
}

export const asThrown = (error: unknown): Thrown => {
  // Not instanceof: jest runs specs in a realm of their own, and the errors of node:sqlite come from another.
  if (!types.isNativeError(error)) return { message: 'an operation threw what is no error', stack: undefined, fields: {} };
  const plain = Object.entries(error).filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value));
  return { message: error.message, stack: error.stack, fields: Object.fromEntries(plain) };
};
