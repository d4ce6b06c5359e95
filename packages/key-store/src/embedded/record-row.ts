import type { KeyRecord } from '../port.ts';

/** A row of `records` as the port shows it. */
export const recordOf = (row: Readonly<Record<string, unknown>> | undefined): KeyRecord | undefined => {
  if (row === undefined) return undefined;
  const { id, hash, owner, body } = row;
  if (typeof id !== 'string' || !(body instanceof Uint8Array)) throw new TypeError('a row of the key store is not what was written');
  return { id, body, ...(typeof hash === 'string' && { hash }), ...(typeof owner === 'string' && { owner }) };
};
