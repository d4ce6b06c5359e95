import { stamp } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { openWorld, sha256, type World } from '../spec-support/world.ts';

const MINUTE = 60_000;

/** Which of the keys count. */
const counting = async (it: World, keys: readonly string[]): Promise<readonly string[]> => {
  const found = await Promise.all(keys.map((key) => it.resolve(key)));
  return keys.filter((_, index) => found[index] !== null);
};

describe('GET /accounts/me/api_key', () => {
  test('answers the bare key, and the same as a cookie', async () => {
    await using it = await openWorld();
    it.accounts.add(7, 3);
    const answer = await it.askForKey(7);
    expect(answer).toEqual({
      status: 200,
      text: expect.stringMatching(/^[A-Za-z0-9]{40}$/),
      headers: { 'Set-Cookie': `x-api-key=${answer.text}; Max-Age=3600; Path=/; HttpOnly; SameSite=Lax` },
      changed: ['account-keys:7'],
    });
    expect(await it.resolve(String(answer.text))).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      accountId: 7,
      kind: 'user',
      address: '203.0.113.5',
      createdAt: it.host.clock(),
      expiresAfterMinutes: 60,
      credentialVersion: 3,
    });
  });

  test('marks the cookie as secure behind TLS', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const { headers } = await it.askForKey(7, { origin: 'https://d.org' });
    expect(headers?.['Set-Cookie']).toMatch(/; SameSite=Lax; Secure$/);
  });

  test('lets the cookie live as long as the key; a key for ever has one for a year', async () => {
    await using it = await openWorld({ keyMinutes: 5 });
    it.accounts.add(7);
    expect((await it.askForKey(7)).headers?.['Set-Cookie']).toContain('; Max-Age=300; ');
    it.settings.keyMinutes = 0;
    expect((await it.askForKey(7)).headers?.['Set-Cookie']).toContain('; Max-Age=31536000; ');
  });

  test('binds each key to the address that asked for it', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const { text } = await it.askForKey(7, { address: '2001:db8::7' });
    expect(await it.resolve(String(text))).toMatchObject({ address: '2001:db8::7' });
  });

  test('replaces the former key at once, that of nobody else', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    it.accounts.add(8);
    const keys = [await it.newKey(8), await it.newKey(7), await it.newKey(7)];
    expect(await counting(it, keys)).toEqual([keys[0], keys[2]]);
  });

  test('asked for in parallel leaves exactly one key that works', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const keys = await Promise.all(Array.from({ length: 12 }, () => it.newKey(7)));
    expect(new Set(keys).size).toBe(12);
    expect(await counting(it, keys)).toHaveLength(1);
  });

  test('asked for by a repeated command makes another key, which works', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const context = it.host.context('account:7');
    const ask = async () => String((await it.host.call('createMyApiKey', { caller: { accountId: 7 } as never, context })).text);
    const keys = [await ask(), await ask()];
    expect(await counting(it, keys)).toEqual([keys[1]]);
    const switches = await it.ports().journal.read('userkey-7');
    expect(new Set(switches.map(({ id }) => id)).size).toBe(2); // one id for both would pass for a resend
  });

  test('is 404 for an account that went meanwhile', async () => {
    await using it = await openWorld();
    await expect(it.newKey(7)).rejects.toMatchObject({ status: 404 });
    await it.accounts.tell('account.deleted.v1', { accountId: 8 });
    await it.host.services.caughtUp();
    it.accounts.add(8); // what a slow request still believes
    await expect(it.newKey(8)).rejects.toMatchObject({ status: 404 });
  });

  test('killed between any two steps leaves the former key or none, and the next one works alone', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const keys = [await it.newKey(7)];
    const former: boolean[] = [];
    for (let steps = 0; ; steps++) {
      it.life.killAfter(steps);
      const survivor = await it.newKey(7).catch(() => undefined);
      const killed = it.life.restart();
      if (!killed) break;
      expect(survivor).toBeUndefined();
      former.push((await counting(it, keys)).length === 1);
      keys.push(await it.newKey(7));
      expect(await counting(it, keys)).toEqual([keys.at(-1)]);
    }
    // Asked accounts, made the key, switched to it: before and after each. Only after the switch the former has gone.
    expect(former).toEqual([true, true, true, true, true, false]);
  });

  test('costs the same after a hundred keys as after one', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    for (let asked = 0; asked < 100; asked++) await it.newKey(7);
    const key = await it.newKey(7);
    const { journal } = it.ports();
    const read: number[] = [];
    const real = journal.read.bind(journal);
    journal.read = async (...asked) => {
      const events = await real(...asked);
      read.push(events.length);
      return events;
    };
    expect(await it.resolve(key)).not.toBeNull();
    expect(read).toEqual([1]); // the key's own stream; of the account's stream only the newest event
  });
});

describe('admin keys', () => {
  const create = (it: World, accountId: number, key = 'chosen by the operator') =>
    it.host.services.ask('tokens.createAdminKey', { accountId, key }, it.host.context());

  test('are bound to nothing, do not expire, are several, and live beside user keys', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    expect([await create(it, 7), await create(it, 7, 'another')]).toEqual([{ created: true }, { created: true }]);
    const user = await it.newKey(7);
    expect(await counting(it, ['chosen by the operator', 'another', user])).toHaveLength(3);
    expect(await it.resolve('another')).toMatchObject({
      kind: 'admin',
      address: null,
      expiresAfterMinutes: 0,
      credentialVersion: null,
    });
  });

  test('made twice are one, at the same time too', async () => {
    await using it = await openWorld();
    const made = await Promise.all(Array.from({ length: 5 }, () => create(it, 7)));
    expect(made.filter(({ created }) => created)).toHaveLength(1);
    expect(await create(it, 7)).toEqual({ created: false });
  });

  test('do not take over the text of another key', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const user = await it.newKey(7);
    await create(it, 7);
    expect([await create(it, 8), await create(it, 7, user), await create(it, 8, user)]).toEqual(Array(3).fill({ created: false }));
    expect(await it.resolve('chosen by the operator')).toMatchObject({ accountId: 7 });
    expect(await it.resolve(user)).toMatchObject({ accountId: 7, kind: 'user' });
  });

  test('killed between any two steps are completed by the next start', async () => {
    for (let steps = 0; ; steps++) {
      await using it = await openWorld();
      it.life.killAfter(steps);
      await create(it, 7).catch(() => undefined);
      const killed = it.life.restart();
      if (!killed) {
        expect(steps).toBe(4);
        return;
      }
      expect(await counting(it, ['chosen by the operator'])).toHaveLength(steps === 3 ? 1 : 0);
      expect(await create(it, 7)).toEqual({ created: steps !== 3 });
      expect(await counting(it, ['chosen by the operator'])).toHaveLength(1);
    }
  });

  test('are refused to an account that is gone', async () => {
    await using it = await openWorld();
    await it.accounts.tell('account.deleted.v1', { accountId: 7 });
    await it.host.services.caughtUp();
    expect(await create(it, 7)).toEqual({ created: false });
    expect(await it.resolve('chosen by the operator')).toBeNull();
  });
});

describe('the credentials of a user key', () => {
  const move = (it: World, keyId: string, credentialVersion: number) =>
    it.host.services.ask('tokens.moveKey', { keyId, credentialVersion }, it.host.context());

  test('are those that it changed itself', async () => {
    await using it = await openWorld();
    it.accounts.add(7, 1);
    const key = await it.newKey(7);
    const keyId = (await it.resolve(key))?.id ?? '';
    for (const version of [3, 3, 2]) await move(it, keyId, version);
    expect(await it.resolve(key)).toMatchObject({ credentialVersion: 3 });
  });

  test('bring no replaced key back', async () => {
    await using it = await openWorld();
    it.accounts.add(7, 1);
    const former = await it.newKey(7);
    const keyId = (await it.resolve(former))?.id ?? '';
    await it.newKey(7);
    await move(it, keyId, 2);
    expect(await it.resolve(former)).toBeNull();
  });
});

describe('the last use of a key', () => {
  const open = async (keyMinutes: number) => {
    const it = await openWorld({ keyMinutes });
    it.accounts.add(7);
    const key = await it.newKey(7);
    const keyId = (await it.resolve(key))?.id ?? '';
    return {
      it,
      keyId,
      made: it.host.clock(),
      use: (at: number) => it.host.services.ask('tokens.keyUsed', { keyId, at }, it.host.context()),
      last: async (id = keyId) => (await it.host.services.ask('tokens.keyLastUse', { keyId: id }, it.host.context())).at,
      [Symbol.asyncDispose]: () => it[Symbol.asyncDispose](),
    };
  };

  test('is its creation at first, and unknown for an unknown key', async () => {
    await using opened = await open(60);
    const { last, made } = opened;
    expect([await last(), await last('0f0f')]).toEqual([made, 0]);
  });

  test('is kept at most once a minute, never goes back, and outlives a restart', async () => {
    await using opened = await open(60);
    const { it, last, use, made } = opened;
    await use(made + 1_000);
    await use(made + 1_000 + MINUTE - 1);
    expect(await last()).toBe(made + 1_000);
    await use(made + 1_000 + MINUTE);
    await use(made);
    expect(await last()).toBe(made + 1_000 + MINUTE);
    await it.host.restart();
    expect(await last()).toBe(made + 1_000 + MINUTE);
  });

  test('is no event', async () => {
    await using opened = await open(60);
    const { it, use, made } = opened;
    const before = await it.ports().journal.head();
    await use(made + MINUTE);
    expect(await it.ports().journal.head()).toBe(before);
  });

  test.each([
    [60, 60 * MINUTE],
    [0, 300 * 24 * 60 * MINUTE],
  ])('with an expiry of %i minutes is known for as long as it matters', async (keyMinutes, idle) => {
    await using opened = await open(keyMinutes);
    const { it, last, use, made } = opened;
    await use(made + MINUTE);
    it.host.clock.advance(MINUTE + idle);
    expect(await last()).toBe(made + MINUTE);
  });

  test('of a replaced key is not kept', async () => {
    await using opened = await open(60);
    const { it, last, use, made } = opened;
    await it.newKey(7);
    await use(made + MINUTE);
    expect(await last()).toBe(made);
  });

  test('expires as the setting says now', async () => {
    await using it = await openWorld({ keyMinutes: 60 });
    it.accounts.add(7);
    const key = await it.newKey(7);
    it.settings.keyMinutes = 0;
    expect(await it.resolve(key)).toMatchObject({ expiresAfterMinutes: 0 });
  });
});

test('a key is not let in on what a newer release wrote of it: it may have been taken back', async () => {
  await using it = await openWorld();
  it.accounts.add(7);
  const key = await it.newKey(7);
  const { journal } = it.ports();
  const context = it.host.context();
  const unheard = stamp([{ type: 'UserKeyPaused', data: {} }], 'userkey-7', context, () => 1);
  await journal.append('userkey-7', unheard, { expect: 0 });
  await expect(it.resolve(key)).rejects.toMatchObject({ code: 'unavailable' });
});

describe('the end of keys', () => {
  test('is told: each former user key once, and all keys of an account that is gone', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const ids: (string | undefined)[] = [];
    for (let asked = 0; asked < 3; asked++) ids.push((await it.resolve(await it.newKey(7)))?.id);
    await it.host.services.ask('tokens.createAdminKey', { accountId: 7, key: 'admin key' }, it.host.context());
    ids.push((await it.resolve('admin key'))?.id);
    await it.accounts.tell('account.deleted.v1', { accountId: 7 });
    await it.host.services.caughtUp();
    expect(it.heard.map(({ type, data }) => [type, data])).toEqual(ids.map((keyId) => ['token.key-revoked.v1', { keyId, accountId: 7 }]));
    expect(new Set(it.heard.map(({ id }) => id)).size).toBe(4);
  });

  test('comes with the account, heard of twice too, and with it what is personal in them', async () => {
    await using it = await openWorld();
    it.accounts.add(7);
    const key = String((await it.askForKey(7, { address: '198.51.100.77' })).text);
    await it.host.services.ask('tokens.createAdminKey', { accountId: 7, key: 'admin key' }, it.host.context());
    const id = (await it.resolve(key))?.id ?? '';
    for (let times = 0; times < 2; times++) await it.accounts.tell('account.deleted.v1', { accountId: 7 });
    await it.host.services.caughtUp();
    expect([await it.resolve(key), await it.resolve('admin key')]).toEqual([null, null]);
    expect((await it.ports().journal.read(`apikey-${id}`))[0]?.data).toMatchObject({ accountId: 7, personal: 'erased' });
  });

  test('killed between any two steps of it is completed when it is heard again', async () => {
    await using it = await openWorld();
    for (let id = 10; ; id++) {
      it.accounts.add(id);
      const key = await it.newKey(id);
      const stream = `apikey-${(await it.resolve(key))?.id}`;
      const [reaction] = it.host.services.running.get('tokens')?.service.reactions ?? [];
      const event = { type: 'account.deleted.v1', data: { accountId: id, spaceId: 's' } } as never;
      it.life.killAfter(id - 10);
      await reaction?.handle(event, it.host.context('system:tokens')).catch(() => undefined);
      const killed = it.life.restart();
      await reaction?.handle(event, it.host.context('system:tokens'));
      expect(await it.resolve(key)).toBeNull();
      expect((await it.ports().journal.read(stream))[0]?.data).toMatchObject({ personal: 'erased' });
      if (!killed) return expect(id).toBe(14);
    }
  });
});

test('no file ever holds the text of a key, its hash, or the address that it is bound to', async () => {
  await using it = await openWorld();
  it.accounts.add(7);
  const key = String((await it.askForKey(7, { address: '198.51.100.77' })).text);
  await it.host.services.ask('tokens.createAdminKey', { accountId: 7, key: 'a key of the operator' }, it.host.context());
  const { id } = (await it.resolve(key)) ?? { id: '' };
  expect(await it.filesWith(`apikey-${id}`)).not.toEqual([]); // it is searched where it would be
  expect(await it.filesWith(key, sha256(key), 'a key of the operator', sha256('a key of the operator'), '198.51.100.77')).toEqual([]);
});
