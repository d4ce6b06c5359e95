import { createHmac, type KeyObject } from 'node:crypto';
import type { MasterKey } from './master-key.ts';
import type { KeyStore } from './port.ts';
import { seal, Tampered, unseal } from './sealed-box.ts';
import type { SealedPart, Vault } from './vault.ts';
import { WrappedKeys } from './wrapped-keys.ts';

export interface VaultOptions {
  readonly keys: KeyStore;
  readonly masterKey: MasterKey;
  /** Its name: services wrap under different keys, also when one engine holds them all. */
  readonly service: string;
}

const HASH_KEY = 'hash-key';
const subjectKey = (subject: string): string => `subject:${subject}`;

/** @throws MasterKeyUnusable when the key store was written with another master key. */
export const openVault = async ({ keys, masterKey, service }: VaultOptions): Promise<Vault> => {
  const wrapped = new WrappedKeys(keys, masterKey, service);
  return new KeyStoreVault(keys, wrapped, await wrapped.obtain(HASH_KEY)); // held: `hash` answers at once
};

class KeyStoreVault implements Vault {
  readonly #keys: KeyStore;
  readonly #wrapped: WrappedKeys;
  readonly #hashKey: KeyObject;

  constructor(keys: KeyStore, wrapped: WrappedKeys, hashKey: KeyObject) {
    this.#keys = keys;
    this.#wrapped = wrapped;
    this.#hashKey = hashKey;
  }

  async seal(subject: string, stream: string, eventId: string, value: object): Promise<SealedPart> {
    const key = await this.#wrapped.obtain(subjectKey(subject));
    const box = seal(key, Buffer.from(JSON.stringify(value)), [subject, stream, eventId]);
    return { $sealed: box.toString('base64url'), subject };
  }

  async open(stream: string, eventId: string, { $sealed, subject }: SealedPart): Promise<object | 'erased'> {
    const key = await this.#wrapped.find(subjectKey(subject));
    if (key === undefined) return this.#withoutKey(subject);
    const box = Buffer.from($sealed, 'base64url');
    if (box.toString('base64url') !== $sealed) throw new Tampered(); // decoding is lenient: one box, one text
    return JSON.parse(unseal(key, box, [subject, stream, eventId]).toString());
  }

  async erase(subject: string): Promise<void> {
    await this.#wrapped.destroy(subjectKey(subject));
  }

  hash(purpose: string, value: string): string {
    return createHmac('sha256', this.#hashKey).update(`${purpose.length}:${purpose}${value}`).digest('hex');
  }

  /** A key that is neither there nor destroyed was lost with its file: to call its subject erased would lose it silently. */
  async #withoutKey(subject: string): Promise<'erased'> {
    if (await this.#keys.isDestroyed(subjectKey(subject))) return 'erased';
    throw new KeyMissing('a key is neither in the key store nor destroyed: this is not the key store that the log was written with');
  }
}

export class KeyMissing extends Error {
  readonly code = 'key-store/missing';
}

export const isKeyMissing = (error: unknown): error is KeyMissing =>
  error instanceof Error && 'code' in error && error.code === 'key-store/missing';
