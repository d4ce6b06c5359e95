import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { sha256, space, world } from '../spec-support/world.ts';

const KEY = /^[A-Za-z0-9]{40}$/;

describe('GET /accounts/me/api_key', () => {
  test('answers the bare key, and the same as a cookie', async () => {
    await using it = await world();
    it.accounts.add(7, 3);
    const answer = await it.newKey(7);
    expect(answer).toMatchObject({ status: 200, text: expect.stringMatching(KEY), changed: ['account-keys:7'] });
    expect(answer.headers).toEqual({ 'Set-Cookie': `x-api-key=${answer.text}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax` });
    expect(await it.resolve(String(answer.text))).toMatchObject({
      accountId: 7,
      kind: 'user',
      address: '203.0.113.5',
      expiresAfterMinutes: 60,
      credentialVersion: 3,
    });
  });

  test('sends the cookie over TLS only where TLS is', async () => {
    await using it = await world();
    it.accounts.add(7);
    expect((await it.newKey(7, '203.0.113.5', 'https://d.org')).headers?.['Set-Cookie']).toContain('; Secure;');
  });

  test('replaces the former key at once', async () => {
    await using it = await world();
    it.accounts.add(7);
    const first = String((await it.newKey(7)).text);
    const second = String((await it.newKey(7)).text);
    expect([await it.resolve(first), (await it.resolve(second))?.accountId]).toEqual([null, 7]);
  });

  test('asked for in parallel leaves exactly one key that works', async () => {
    await using it = await world();
    it.accounts.add(7);
    const keys = await Promise.all(Array.from({ length: 12 }, async () => String((await it.newKey(7)).text)));
    const working = await Promise.all(keys.map((key) => it.resolve(key)));
    expect(working.filter((one) => one !== null)).toHaveLength(1);
  });

  test('is nothing for an account that went meanwhile', async () => {
    await using it = await world();
    await expect(it.newKey(7)).rejects.toMatchObject({ status: 404 });
  });

  test.each(['append of the new key', 'switch of the account', 'revocation of the former'])(
    'cut off before the %s leaves exactly one key',
    async (step) => {
      await using it = await world();
      it.accounts.add(7);
      const first = String((await it.newKey(7)).text);
      const { journal } = it.ports();
      const append = journal.append.bind(journal);
      const dying = {
        'append of the new key': 'ApiKeyMade',
        'switch of the account': 'UserKeySet',
        'revocation of the former': 'ApiKeyRevoked',
      }[step];
      journal.append = async (stream, events, options) => {
        if (events[0]?.type === dying) throw new Error('killed');
        return append(stream, events, options);
      };
      await expect(it.newKey(7)).rejects.toThrow('killed');
      journal.append = append;
      expect((await it.resolve(first)) === null).toBe(step === 'revocation of the former');
      const next = String((await it.newKey(7)).text);
      expect([await it.resolve(first), (await it.resolve(next))?.accountId]).toEqual([null, 7]);
    },
  );
});

describe('admin keys', () => {
  const create = (it: Awaited<ReturnType<typeof world>>, accountId: number) =>
    it.host.services.ask('tokens.createAdminKey', { accountId, key: 'chosen by the operator' }, it.host.context());

  test('are bound to nothing, do not expire, and live beside user keys', async () => {
    await using it = await world();
    it.accounts.add(7);
    expect(await create(it, 7)).toEqual({ created: true });
    await it.newKey(7);
    expect(await it.resolve('chosen by the operator')).toMatchObject({
      kind: 'admin',
      address: null,
      expiresAfterMinutes: 0,
      credentialVersion: null,
    });
  });

  test('made twice are one; a text that another account has is not given', async () => {
    await using it = await world();
    await create(it, 7);
    expect([await create(it, 7), await create(it, 8)]).toEqual([{ created: false }, { created: false }]);
    expect(await it.resolve('chosen by the operator')).toMatchObject({ accountId: 7 });
  });
});

describe('the life of a key', () => {
  test('follows the credentials that it changed itself', async () => {
    await using it = await world();
    it.accounts.add(7, 1);
    const key = String((await it.newKey(7)).text);
    const keyId = (await it.resolve(key))?.id ?? '';
    await it.host.services.ask('tokens.moveKey', { keyId, credentialVersion: 2 }, it.host.context());
    expect(await it.resolve(key)).toMatchObject({ credentialVersion: 2 });
  });

  test('remembers its last use, at most once a minute, over a restart', async () => {
    await using it = await world();
    it.accounts.add(7);
    const keyId = (await it.resolve(String((await it.newKey(7)).text)))?.id ?? '';
    const use = (at: number) => it.host.services.ask('tokens.keyUsed', { keyId, at }, it.host.context());
    const last = async () => (await it.host.services.ask('tokens.keyLastUse', { keyId }, it.host.context())).at;
    const made = it.host.clock();
    expect(await last()).toBe(made);
    await use(made + 1_000);
    await use(made + 2_000);
    expect(await last()).toBe(made + 1_000);
    await it.host.restart();
    expect(await last()).toBe(made + 1_000);
  });

  test('ends with the account, and with it what is personal in it; no file ever held its text', async () => {
    await using it = await world();
    it.accounts.add(7);
    const key = String((await it.newKey(7, '198.51.100.77')).text);
    await it.hear('account.deleted.v1', { accountId: 7, spaceId: space.id });
    expect(await it.resolve(key)).toBeNull();
    await it.host.services.stop();
    for (const file of await readdir(it.host.folder)) {
      const bytes = await readFile(join(it.host.folder, file));
      for (const secret of [key, sha256(key), '198.51.100.77']) expect([file, bytes.includes(secret)]).toEqual([file, false]);
    }
  });
});
