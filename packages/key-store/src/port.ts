/** A secret record that is no part of the event log: the key of a subject, or what a random number in events stands for. */
export interface KeyRecord {
  readonly id: string;
  /** A keyed hash by which the record is found, hex. */
  readonly hash?: string;
  /** Another record's id: destroying that one destroys this one too. Set at creation or once later. */
  readonly owner?: string;
  /** Already encrypted or wrapped by the caller. */
  readonly body: Uint8Array;
}

export type Created = { readonly created: true; readonly record: KeyRecord } | { readonly created: false; readonly record: KeyRecord };

/** Never rebuilt from anything: what is destroyed is gone, and the same id is never given out again. */
export interface KeyStore {
  /**
   * The first one wins: a second creation under the same id or hash answers the record that stands.
   * @throws Destroyed when that id, or the owner's, was destroyed.
   */
  create(record: KeyRecord): Promise<Created>;
  get(id: string): Promise<KeyRecord | undefined>;
  findByHash(hash: string): Promise<KeyRecord | undefined>;
  /** False when it has one already or is unknown. @throws Destroyed when that owner was destroyed. */
  setOwner(id: string, owner: string): Promise<boolean>;
  isDestroyed(id: string): Promise<boolean>;
  /**
   * Destroys the record and those it owns, for good: no file of the store holds its body, hash or owner afterwards. The bare id is kept,
   * known before or not, so ids must not be personal.
   */
  destroy(id: string): Promise<void>;
  close(): Promise<void>;
}

export class Destroyed extends Error {
  readonly code = 'key-store/destroyed';
}

export const isDestroyed = (error: unknown): error is Destroyed =>
  error instanceof Error && 'code' in error && error.code === 'key-store/destroyed';
