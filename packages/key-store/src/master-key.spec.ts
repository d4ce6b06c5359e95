import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { deriveKey, fingerprint, loadMasterKey, masterKeyFromText } from './index.ts';

describe('MASTER_KEY', () => {
  test('is the same key in hex, base64 and base64url', () => {
    const bytes = randomBytes(32);
    const texts = [
      bytes.toString('hex'),
      bytes.toString('hex').toUpperCase(),
      bytes.toString('base64'),
      `${bytes.toString('base64url')}\n`,
    ];
    for (const text of texts) expect(masterKeyFromText(text).export()).toEqual(bytes);
  });

  test('may be any text of 32 characters', () => {
    const key = masterKeyFromText('correct horse battery staple, and more');
    expect(key.export()).toHaveLength(32);
    expect(fingerprint(masterKeyFromText('correct horse battery staple, and more'))).toBe(fingerprint(key));
    expect(fingerprint(masterKeyFromText('correct horse battery staple, or more'))).not.toBe(fingerprint(key));
  });

  test('is refused when short, without quoting it', () => {
    const refused = () => masterKeyFromText('short and secret');
    expect(refused).toThrow(expect.objectContaining({ code: 'key-store/master-key' }));
    expect(refused).not.toThrow(/short and secret/);
  });

  test('is not shown by logging it', () => {
    const bytes = randomBytes(32);
    const key = masterKeyFromText(bytes.toString('hex'));
    for (const shown of [inspect(key), JSON.stringify({ key }), String(key)])
      expect(shown).not.toContain(bytes.toString('hex').slice(0, 8));
  });
});

describe('master.key in a folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'master-key-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made once, for its owner only, and found again', async () => {
    const made = await loadMasterKey({ folder });
    expect((await stat(join(folder, 'master.key'))).mode & 0o777).toBe(0o600);
    expect((await loadMasterKey({ folder, text: '' })).equals(made)).toBe(true);
    expect(await readdir(folder)).toEqual(['master.key']);
  });

  test('is the same for twenty first starts at once', async () => {
    const keys = await Promise.all(Array.from({ length: 20 }, () => loadMasterKey({ folder })));
    expect(new Set(keys.map(fingerprint)).size).toBe(1);
    expect(await readdir(folder)).toEqual(['master.key']);
  });

  test('is closed to others when a backup opened it', async () => {
    await loadMasterKey({ folder });
    await chmod(join(folder, 'master.key'), 0o644);
    await loadMasterKey({ folder });
    expect((await stat(join(folder, 'master.key'))).mode & 0o777).toBe(0o600);
  });

  test('is refused when damaged, and not replaced', async () => {
    await writeFile(join(folder, 'master.key'), 'half a k');
    await expect(loadMasterKey({ folder })).rejects.toMatchObject({ code: 'key-store/master-key' });
    expect(await readFile(join(folder, 'master.key'), 'utf8')).toBe('half a k');
  });

  test('stays unmade where MASTER_KEY is set', async () => {
    await loadMasterKey({ folder, text: 'x'.repeat(32) });
    expect(await readdir(folder)).toEqual([]);
  });
});

test('without MASTER_KEY and folder there is no key', () =>
  expect(loadMasterKey({})).rejects.toMatchObject({ code: 'key-store/master-key' }));

describe('derived keys', () => {
  const key = masterKeyFromText('0'.repeat(64));
  test('are the same for the same purpose only', () => {
    expect(deriveKey(key, 'nonces').equals(deriveKey(key, 'nonces'))).toBe(true);
    expect(deriveKey(key, 'nonces').equals(deriveKey(key, 'identity'))).toBe(false);
    expect(deriveKey(key, 'nonces').equals(deriveKey(masterKeyFromText('1'.repeat(64)), 'nonces'))).toBe(false);
  });
  test('do not tell the fingerprint, nor it them', () => {
    expect(deriveKey(key, 'nonces').export().toString('hex')).not.toContain(fingerprint(key));
    expect(fingerprint(key)).toMatch(/^[0-9a-f]{32}$/);
  });
});
