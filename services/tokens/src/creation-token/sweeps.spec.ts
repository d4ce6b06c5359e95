import { Unavailable } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '../spec-support/world.ts';
import { creationTokenView, reservations, unusedTokens } from './view.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const open = (it: World) => it.ports().views.find(creationTokenView, reservations, { limit: 1_000 });
const unused = (it: World) => it.ports().views.find(creationTokenView, unusedTokens, { limit: 1_000 });

describe('the sweep of reservations', () => {
  test('leaves alone what may still be under way', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    await it.reserve(token, 7);
    await it.sweep();
    expect([it.accounts.fenced.has(7), await it.state(token)]).toEqual([false, 'unknown']);
  });

  test('frees the token of an account that never came to be, and never will', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    await it.reserve(token, 7);
    it.host.clock.advance(MINUTE);
    await it.sweep();
    expect([await it.state(token), it.accounts.create(7), await open(it)]).toEqual(['usable', false, []]);
    expect((await it.reserve(token, 8)).reserved).toBe(true);
  });

  test('marks the token of an account that is there', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    await it.reserve(token, 7);
    it.accounts.create(7);
    it.host.clock.advance(MINUTE);
    await it.sweep();
    expect([await it.state(token), (await it.reserve(token, 8)).reserved, await open(it)]).toEqual(['unknown', false, []]);
  });

  test('runs at the start too', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    await it.reserve(token, 7);
    it.host.clock.advance(MINUTE);
    await it.host.restart();
    await expectSoon(async () => expect(await it.state(token)).toBe('usable'));
  });

  test('goes on with the next when accounts cannot answer for one, and ends that one later', async () => {
    await using it = await openWorld();
    const tokens = [await it.newToken(), await it.newToken(), await it.newToken()] as const;
    for (const [index, token] of tokens.entries()) await it.reserve(token, 10 + index);
    it.host.clock.advance(MINUTE);
    it.accounts.beforeAnswer = (_call, id) => {
      if (id === 10) throw new Unavailable('not now');
    };
    await expect(it.sweep()).rejects.toThrow('1 reservations could not be ended');
    expect(await Promise.all(tokens.map((token) => it.state(token)))).toEqual(['unknown', 'usable', 'usable']);
    it.accounts.beforeAnswer = () => undefined;
    await it.sweep();
    expect(await it.state(tokens[0])).toBe('usable');
  });

  test('killed between any two steps goes on in the next round', async () => {
    await using it = await openWorld();
    for (const created of [false, true]) {
      for (let steps = 0; ; steps++) {
        const [token, accountId] = [await it.newToken(), (created ? 200 : 100) + steps];
        await it.reserve(token, accountId);
        if (created) it.accounts.create(accountId);
        it.host.clock.advance(MINUTE);
        it.life.killAfter(steps);
        await it.sweep().catch(() => undefined);
        const killed = it.life.restart();
        await it.sweep();
        expect(await it.state(token)).toBe(created ? 'unknown' : 'usable');
        expect(await open(it)).toEqual([]);
        if (killed) continue;
        expect(steps).toBe(4); // the question and the append, before and after each
        break;
      }
    }
  });

  test('takes a slow creation for abandoned, which then starts over with another id', async () => {
    await using it = await openWorld();
    const token = await it.newToken();
    const slow = await it.reserve(token, 7);
    it.host.clock.advance(MINUTE);
    await it.sweep();
    expect(it.accounts.create(7)).toBe(false); // it meets the fence
    await it.release(slow.tokenId, 7);
    const again = await it.reserve(token, 8);
    expect([again.reserved, it.accounts.create(8)]).toEqual([true, true]);
    await it.release(slow.tokenId, 7); // a repeat that comes late
    await it.markUsed(again.tokenId, 8);
    expect((await it.reserve(token, 9)).reserved).toBe(false);
  });
});

describe('the tokens of a deleted account', () => {
  const used = async (it: World, accountId: number): Promise<string> => {
    const { tokenId } = await it.reserve(await it.newToken(), accountId);
    await it.markUsed(tokenId, accountId);
    return `creationtoken-${tokenId}`;
  };
  const hear = async (it: World) => {
    const [reaction] = it.host.services.running.get('tokens')?.service.reactions ?? [];
    await reaction?.handle({ type: 'account.deleted.v1', data: { accountId: 7, spaceId: 's' } } as never, it.host.context());
  };

  test('wait for a view that is behind', async () => {
    await using it = await openWorld();
    const stream = await used(it, 7);
    const { journal } = it.ports();
    const real = journal.whenProjected;
    journal.whenProjected = async (_projection, position, atMostMs = 0) => {
      expect(position).toBe(await journal.head());
      it.host.clock.advance(atMostMs);
    };
    await expect(hear(it)).rejects.toBeInstanceOf(Unavailable);
    journal.whenProjected = real;
    await hear(it);
    expect((await journal.read(stream))[0]?.data).toMatchObject({ personal: 'erased' });
  });

  test('are all of them, however many', async () => {
    await using it = await openWorld();
    const streams = await Promise.all(Array.from({ length: 201 }, () => used(it, 7)));
    await hear(it);
    const made = await Promise.all(
      streams.map(async (stream) => (await it.ports().journal.read(stream))[0]?.data as { personal?: unknown }),
    );
    expect(made.filter(({ personal }) => personal !== 'erased')).toEqual([]);
  });
});

describe('tokens that nobody used', () => {
  const idOf = async (it: World) => String((await unused(it))[0]?.tokenId);
  const stored = async (it: World, tokenId: string) => (await it.ports().journal.read(`creationtoken-${tokenId}`)).map(({ data }) => data);

  test('are forgotten a day after they expired: at once what they hold of their maker, soon their stream', async () => {
    await using it = await openWorld({ tokenMinutes: 60 });
    const token = await it.newToken();
    const tokenId = await idOf(it);
    it.host.clock.advance(DAY + HOUR);
    await it.sweep();
    expect((await stored(it, tokenId))[0]).toMatchObject({ personal: { ip: '203.0.113.5', userAgent: 'a client' } });
    it.host.clock.advance(1);
    await it.sweep();
    expect((await stored(it, tokenId))[0]).toMatchObject({ personal: 'erased' });
    expect([await unused(it), await it.state(token)]).toEqual([[], 'unknown']);
    it.host.clock.advance(HOUR);
    expect([await stored(it, tokenId), await it.state(token)]).toEqual([[], 'unknown']);
  });

  test('stay for as long as the setting says now', async () => {
    await using it = await openWorld({ tokenMinutes: 60 });
    const token = await it.newToken();
    it.host.clock.advance(10 * DAY);
    it.settings.tokenMinutes = 0;
    await it.sweep();
    expect(await it.state(token)).toBe('usable');
  });

  test('go, used ones stay', async () => {
    await using it = await openWorld({ tokenMinutes: 60 });
    const token = await it.newToken();
    const { tokenId } = await it.reserve(token, 7);
    await it.markUsed(tokenId, 7);
    it.host.clock.advance(10 * DAY);
    await it.sweep();
    it.host.clock.advance(DAY);
    expect(await stored(it, tokenId)).toHaveLength(3);
  });

  test('that are held longer than they last are ended before they are forgotten', async () => {
    await using it = await openWorld({ tokenMinutes: 60 });
    const token = await it.newToken();
    const { tokenId } = await it.reserve(token, 7);
    it.accounts.create(7);
    it.accounts.beforeAnswer = () => {
      throw new Unavailable('for a long time');
    };
    it.host.clock.advance(10 * DAY);
    for (const { run } of it.host.services.running.get('tokens')?.service.schedules ?? []) {
      await run(it.host.context('system:tokens')).catch(() => undefined);
    }
    it.host.clock.advance(DAY);
    it.accounts.beforeAnswer = () => undefined;
    await it.sweep();
    expect((await stored(it, tokenId)).at(-1)).toMatchObject({ accountId: 7 });
    expect(await open(it)).toEqual([]);
  });

  test('are many: one round forgets them all', async () => {
    await using it = await openWorld({ tokenMinutes: 60 });
    await Promise.all(Array.from({ length: 450 }, () => it.newToken()));
    it.host.clock.advance(10 * DAY);
    const fresh = await it.newToken();
    await it.sweep();
    expect([(await unused(it)).length, await it.state(fresh)]).toEqual([1, 'usable']);
  });

  test('killed between any two steps are forgotten in the next round', async () => {
    await using it = await openWorld({ tokenMinutes: 60 });
    for (let steps = 0; ; steps++) {
      await it.newToken();
      const tokenId = await idOf(it);
      it.host.clock.advance(10 * DAY);
      it.life.killAfter(steps);
      await it.sweep().catch(() => undefined);
      const killed = it.life.restart();
      await it.sweep();
      expect(await unused(it)).toEqual([]);
      expect((await stored(it, tokenId))[0]).toMatchObject({ personal: 'erased' });
      it.host.clock.advance(HOUR);
      expect(await stored(it, tokenId)).toEqual([]);
      if (killed) continue;
      expect(steps).toBe(4); // the end of the stream and the append, before and after each
      return;
    }
  });
});

const expectSoon = async (check: () => Promise<void>): Promise<void> => {
  for (let turn = 0; ; turn++) {
    try {
      return await check();
    } catch (error) {
      if (turn === 1_000) throw error;
      await new Promise(setImmediate);
    }
  }
};
