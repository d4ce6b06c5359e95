import { describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '../spec-support/world.ts';

const MINUTE = 60_000;

describe('POST /account_creation_tokens', () => {
  test('answers 201 with the token and the request that made it', async () => {
    await using it = await openWorld();
    const answer = await it.host.call('createCreationToken', {});
    expect(answer).toEqual({ status: 201, json: expect.anything() });
    expect(JSON.stringify(answer.json)).toMatch(
      /^\{"token":"[A-Za-z0-9]{13}","ip":"203\.0\.113\.5","user_agent":"a client","expire_at":null\}$/,
    );
  });

  test('is null for a request that names no user agent', async () => {
    await using it = await openWorld();
    expect((await it.host.call('createCreationToken', { userAgent: undefined })).json).toMatchObject({ user_agent: null });
  });

  test('makes another one for each asking', async () => {
    await using it = await openWorld();
    expect(new Set(await Promise.all(Array.from({ length: 20 }, () => it.newToken()))).size).toBe(20);
  });

  test('tells when it expires, and it does', async () => {
    await using it = await openWorld({ tokenMinutes: 10 });
    const { token, expire_at } = (await it.host.call('createCreationToken', {})).json as { token: string; expire_at: string };
    expect(expire_at).toBe('2026-01-01T00:10:00.000000Z');
    it.host.clock.advance(10 * MINUTE);
    expect(await it.state(token)).toBe('usable');
    it.host.clock.advance(1);
    expect(await it.state(token)).toBe('expired');
    expect((await it.reserve(token, 7)).reserved).toBe(false);
  });

  test('expires as the setting says now', async () => {
    await using it = await openWorld({ tokenMinutes: 10 });
    const token = await it.newToken();
    it.host.clock.advance(11 * MINUTE);
    it.settings.tokenMinutes = 0;
    expect(await it.state(token)).toBe('usable');
    it.settings.tokenMinutes = 5;
    expect(await it.state(token)).toBe('expired');
  });
});

describe('the state of a creation token', () => {
  test.each(['', 'x', 'AAAAAAAAAAAAA', 'creationtoken-', 'é'.repeat(13)])('%p is unknown when nobody made it', async (text) => {
    await using it = await openWorld();
    expect(await it.state(text)).toBe('unknown');
    expect((await it.reserve(text, 7)).reserved).toBe(false);
  });

  test('looks at upper and lower case', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const other = token.replace(/[a-z]/gi, (letter) => (letter < 'a' ? letter.toLowerCase() : letter.toUpperCase()));
    expect([await it.state(token), await it.state(other)]).toEqual(['usable', 'unknown']);
  });

  test('is unknown while it is held, and once it is used', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const { tokenId } = await it.reserve(token, 7);
    expect(await it.state(token)).toBe('unknown');
    await it.markUsed(tokenId, 7);
    expect(await it.state(token)).toBe('unknown');
  });
});

describe('reserving a creation token', () => {
  test('lets one of twenty win', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const tries = await Promise.all(Array.from({ length: 20 }, (_, n) => it.reserve(token, n + 10)));
    expect(tries.filter(({ reserved }) => reserved)).toHaveLength(1);
    expect(new Set(tries.map(({ tokenId }) => tokenId)).size).toBe(1);
  });

  test('answers the winner again as the first time, its text nowhere in the id', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const first = await it.reserve(token, 7);
    expect(first).toEqual({ reserved: true, tokenId: expect.stringMatching(/^[0-9a-f]{64}$/) });
    expect(await it.reserve(token, 7)).toEqual(first);
    expect((await it.reserve(token, 8)).reserved).toBe(false);
  });

  test('is possible again once the reservation was given back', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const { tokenId } = await it.reserve(token, 7);
    await it.release(tokenId, 8);
    expect(await it.state(token)).toBe('unknown');
    await it.release(tokenId, 7);
    expect([await it.state(token), (await it.reserve(token, 8)).reserved]).toEqual(['usable', true]);
  });

  test('and releasing meet the same end in parallel, whichever comes first', async () => {
    await using it = await openWorld();
    for (let n = 0; n < 10; n++) {
      const token = await it.newToken();
      const { tokenId } = await it.reserve(token, 7);
      const [, ...tries] = await Promise.all([it.release(tokenId, 7), it.reserve(token, 8), it.reserve(token, 9)]);
      const winners = tries.filter(({ reserved }) => reserved).length;
      expect([winners, await it.state(token)]).toEqual(winners === 0 ? [0, 'usable'] : [1, 'unknown']);
    }
  });
});

describe('an account that was made with a token', () => {
  test('has it marked by the event when the answer was lost; a repeat and a late release are harmless', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const { tokenId } = await it.reserve(token, 7);
    for (let times = 0; times < 2; times++) await it.accounts.tell('account.created.v1', { accountId: 7, creationToken: tokenId });
    await it.host.services.caughtUp();
    await it.release(tokenId, 7);
    expect([await it.state(token), (await it.reserve(token, 8)).reserved]).toEqual(['unknown', false]);
    const stored = await it.ports().journal.read(`creationtoken-${tokenId}`);
    expect(stored.map(({ type }) => type)).toEqual(['CreationTokenMade', 'CreationTokenReserved', 'CreationTokenUsed']);
  });

  test('takes with it what the token holds of its maker', async () => {
    await using it = await openWorld();
    const [mine, other] = [await it.newToken(), await it.newToken()];
    const dataOf = async (id: string) => (await it.ports().journal.read(`creationtoken-${id}`))[0]?.data;
    const used: string[] = [];
    for (const [token, accountId] of [
      [mine, 7],
      [other, 8],
    ] as const) {
      const { tokenId } = await it.reserve(token, accountId);
      await it.markUsed(tokenId, accountId);
      used.push(tokenId);
    }
    for (let times = 0; times < 2; times++) await it.accounts.tell('account.deleted.v1', { accountId: 7 });
    await it.host.services.caughtUp();
    expect(await Promise.all(used.map(dataOf))).toMatchObject([
      { personal: 'erased' },
      { personal: { ip: '203.0.113.5', userAgent: 'a client' } },
    ]);
    expect([await it.state(mine), (await it.reserve(mine, 9)).reserved]).toEqual(['unknown', false]);
  });
});

/** What accounts does with a token (design §6), without its own half: validate, reserve, create, mark. */
const createWith = async (it: World, token: string, accountId: number): Promise<void> => {
  if ((await it.state(token)) !== 'usable') throw new Error('not usable');
  const { reserved, tokenId } = await it.reserve(token, accountId);
  if (!reserved || !it.accounts.create(accountId)) throw new Error('not reserved');
  await it.markUsed(tokenId, accountId);
};

test('killed between any two steps it ends in one account and a used token, or in none and a usable one', async () => {
  await using it = await openWorld();
  const ends: string[] = [];
  for (let steps = 0; ; steps++) {
    const [token, accountId] = [await it.newToken(), 100 + steps];
    it.life.killAfter(steps);
    await createWith(it, token, accountId).catch(() => undefined);
    if (!it.life.restart()) break;
    it.host.clock.advance(MINUTE);
    await it.host.restart();
    await it.sweep();
    const there = it.accounts.has(accountId);
    expect(await it.state(token)).toBe(there ? 'unknown' : 'usable');
    expect((await it.reserve(token, 1_000 + steps)).reserved).toBe(!there);
    ends.push(there ? 'used' : 'usable');
  }
  // Reserved, then used: before and after each append.
  expect(ends).toEqual(['usable', 'usable', 'used', 'used']);
});

test('what a token says of its maker, and its text, is in no file, neither before nor after its account is gone', async () => {
  const maker = { address: '198.51.100.77', userAgent: 'A very personal phone' };
  for (const deleted of [false, true]) {
    await using it = await openWorld();
    const { token } = (await it.host.call('createCreationToken', maker)).json as { token: string };
    const { tokenId } = await it.reserve(token, 7);
    await it.markUsed(tokenId, 7);
    if (deleted) await it.accounts.tell('account.deleted.v1', { accountId: 7 });
    await it.host.services.caughtUp();
    expect(await it.filesWith(`creationtoken-${tokenId}`)).not.toEqual([]); // it is searched where it would be
    expect(await it.filesWith(token, maker.address, maker.userAgent)).toEqual([]);
  }
});
