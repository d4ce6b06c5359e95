import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto';
import { BoundedCache } from '@flexistream/kernel';
import { deriveKey, type MasterKey, MasterKeyUnusable } from './master-key.ts';
import type { KeyRecord, KeyStore } from './port.ts';
import { isTampered, seal, unseal } from './sealed-box.ts';

const REMEMBERED = 1_000;

/**
 * Random keys of 32 bytes, each a record of the key store, wrapped by a key that follows from the master key; the record's id is
 * associated data, so that records cannot be exchanged.
 * The key store is asked at each use, since another process may destroy a key: what is remembered only saves the unwrapping.
 */
export class WrappedKeys {
  readonly #keys: KeyStore;
  readonly #wrapping: KeyObject;
  readonly #unwrapped = new BoundedCache<string, KeyObject>(REMEMBERED);

  constructor(keys: KeyStore, masterKey: MasterKey, service: string) {
    this.#keys = keys;
    this.#wrapping = deriveKey(masterKey, `wrapping:${service}`);
  }

  /** Makes the key on first use. @throws Destroyed when it was destroyed. */
  async obtain(id: string): Promise<KeyObject> {
    return (await this.find(id)) ?? this.#unwrap((await this.#keys.create(this.#draw(id))).record);
  }

  async find(id: string): Promise<KeyObject | undefined> {
    const record = await this.#keys.get(id);
    if (record !== undefined) return this.#unwrap(record);
    this.#unwrapped.delete(id);
    return undefined;
  }

  async destroy(id: string): Promise<void> {
    await this.#keys.destroy(id);
    this.#unwrapped.delete(id);
  }

  #draw(id: string): KeyRecord {
    return { id, body: seal(this.#wrapping, randomBytes(32), [id]) };
  }

  #unwrap({ id, body }: KeyRecord): KeyObject {
    const known = this.#unwrapped.get(id);
    if (known !== undefined) return known;
    const key = unwrapped(this.#wrapping, id, body);
    this.#unwrapped.set(id, key);
    return key;
  }
}

const unwrapped = (wrapping: KeyObject, id: string, body: Uint8Array): KeyObject => {
  try {
    return createSecretKey(unseal(wrapping, body, [id]));
  } catch (error) {
    if (!isTampered(error)) throw error;
    throw new MasterKeyUnusable('the key store was written with another master key', { cause: error });
  }
};
