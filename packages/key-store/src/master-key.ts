import { createSecretKey, hkdfSync, type KeyObject, randomBytes, randomUUID, scryptSync } from 'node:crypto';
import { chmod, link, open, readFile, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** 32 bytes from which everything follows that may change with them. A `KeyObject`, so that no log line can show it. */
export type MasterKey = KeyObject;

const LENGTH = 32;
const FILE = 'master.key';

export interface MasterKeySource {
  /** The value of `MASTER_KEY`; unset or empty: the file. */
  readonly text?: string | undefined;
  /** `DATA_DIR`, for the embedded engines' own `master.key`. */
  readonly folder?: string | undefined;
}

/**
 * From `MASTER_KEY`, else from `DATA_DIR/master.key` (0600), which is made at the first start.
 * @throws MasterKeyUnusable with a text for the operator; it never quotes the key.
 */
export const loadMasterKey = async ({ text, folder }: MasterKeySource): Promise<MasterKey> => {
  if (text !== undefined && text.trim() !== '') return masterKeyFromText(text);
  if (folder === undefined) throw new MasterKeyUnusable('MASTER_KEY is missing');
  const path = join(folder, FILE);
  return (await readKeyFile(path)) ?? (await makeKeyFile(path));
};

/** 32 bytes as hex or base64 are taken as they are; any other text of at least 32 characters is stretched by scrypt (RFC 7914). */
export const masterKeyFromText = (given: string): MasterKey => {
  const text = given.trim();
  const bytes = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : fromBase64(text);
  if (bytes !== undefined) return createSecretKey(bytes);
  if (text.length < 32) throw new MasterKeyUnusable('MASTER_KEY must be 32 bytes in hex or base64, or a text of at least 32 characters');
  return createSecretKey(scryptSync(text, 'flexistream master key', LENGTH));
};

const fromBase64 = (text: string): Buffer | undefined =>
  /^[A-Za-z0-9+/_-]{43}=?$/.test(text) ? Buffer.from(text.replace(/-/g, '+').replace(/_/g, '/'), 'base64') : undefined;

/** A key for one purpose (HKDF-SHA-256, RFC 5869): internal identity, nonces, wrapping. Another master key gives other keys. */
export const deriveKey = (masterKey: MasterKey, purpose: string): KeyObject => createSecretKey(expand(masterKey, purpose));

/** What the log keeps of the master key, so that another one is noticed and refused: 32 hex digits that tell nothing of it. */
export const fingerprint = (masterKey: MasterKey): string => expand(masterKey, 'fingerprint').subarray(0, 16).toString('hex');

const expand = (masterKey: MasterKey, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', masterKey, 'flexistream', purpose, LENGTH));

const readKeyFile = async (path: string): Promise<MasterKey | undefined> => {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
  const bytes = fromBase64(text.trim());
  if (bytes === undefined) throw new MasterKeyUnusable(`${path} does not hold 32 bytes in base64: restore it from a backup`);
  if (((await stat(path)).mode & 0o077) !== 0) await chmod(path, 0o600); // a restored backup may have opened it to others
  return createSecretKey(bytes);
};

/** Written whole and synced under another name, then linked: a crash leaves no half key, and of two first starts one wins. */
const makeKeyFile = async (path: string): Promise<MasterKey> => {
  const draft = `${path}.${randomUUID()}`;
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(`${randomBytes(LENGTH).toString('base64')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
  } catch (error) {
    if (!isSystemError(error, 'EEXIST')) throw error;
  } finally {
    await unlink(draft);
  }
  await syncFolder(join(path, '..'));
  const made = await readKeyFile(path);
  if (made === undefined) throw new MasterKeyUnusable(`${path} was removed while it was made`);
  return made;
};

const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const isSystemError = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;

export class MasterKeyUnusable extends Error {
  readonly code = 'key-store/master-key';
}

export const isMasterKeyUnusable = (error: unknown): error is MasterKeyUnusable =>
  error instanceof Error && 'code' in error && error.code === 'key-store/master-key';
