import { createCipheriv, createDecipheriv, type KeyObject, randomBytes } from 'node:crypto';

const VERSION = 1;
const NONCE = 12;
const TAG = 16;
const HEAD = 1 + NONCE + TAG;

/**
 * AES-256-GCM under a random nonce: version byte, 12 bytes nonce, 16 bytes tag, ciphertext (NIST SP 800-38D).
 * `about` is associated data: the box opens only for the very same words. A `KeyObject`, since bytes as a key cost four times as much.
 */
export const seal = (key: KeyObject, plain: Uint8Array, about: readonly string[]): Buffer => {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG });
  cipher.setAAD(associated(about));
  const body = cipher.update(plain);
  cipher.final(); // GCM is a stream: nothing is left over
  return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
};

/** @throws Tampered when one bit of the box, the key or `about` differs from the sealing. */
export const unseal = (key: KeyObject, box: Uint8Array, about: readonly string[]): Buffer => {
  if (box.length < HEAD || box[0] !== VERSION) throw new Tampered();
  const decipher = createDecipheriv('aes-256-gcm', key, box.subarray(1, 1 + NONCE), { authTagLength: TAG });
  decipher.setAAD(associated(about));
  decipher.setAuthTag(box.subarray(1 + NONCE, HEAD));
  const plain = decipher.update(box.subarray(HEAD));
  try {
    decipher.final();
  } catch (error) {
    throw new Tampered({ cause: error });
  }
  return plain;
};

// JSON keeps ['ab', 'c'] and ['a', 'bc'] apart.
const associated = (about: readonly string[]): Buffer => Buffer.from(JSON.stringify(about));

export class Tampered extends Error {
  readonly code = 'key-store/tampered';
  constructor(options?: ErrorOptions) {
    super('a sealed part is not what was sealed', options);
  }
}

export const isTampered = (error: unknown): error is Tampered =>
  error instanceof Error && 'code' in error && error.code === 'key-store/tampered';
