import { Binary } from 'mongodb';
import type { KeyRecord } from '../port.ts';

/** What stands under an id, one document for its whole life; so each change of it is atomic. */
export interface KeyDocument {
  readonly _id: string;
  /** Only a record has one. Without it, and not gone, the document only keeps `arriving` for an owner that has no record. */
  readonly body?: Binary;
  readonly hash?: string;
  readonly owner?: string;
  /** Destroyed for good. */
  readonly gone?: true;
  /** What it owned is still being destroyed. */
  readonly ending?: true;
  /** Ids that were about to become its own: they are destroyed with it, whether they arrived or not. */
  readonly arriving?: readonly string[];
}

/** Fields that are undefined are not written. */
export const fieldsOf = ({ body, hash, owner }: KeyRecord) => ({
  body: new Binary(body),
  ...(hash !== undefined && { hash }),
  ...(owner !== undefined && { owner }),
});

export const recordOf = (document: KeyDocument | null): KeyRecord | undefined => {
  if (document?.body === undefined) return undefined;
  const { _id: id, body, hash, owner } = document;
  return { id, body: body.value(), ...(hash !== undefined && { hash }), ...(owner !== undefined && { owner }) };
};
