import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { space, world } from '../spec-support/world.ts';

const MINUTE = 60_000;

describe('POST /account_creation_tokens', () => {
  test('answers 201 with the token and the request that made it', async () => {
    await using it = await world();
    const answer = await it.host.call('createCreationToken', {});
    expect(answer.status).toBe(201);
    expect(JSON.stringify(answer.json)).toMatch(
      /^\{"token":"[A-Za-z0-9]{13}","ip":"203\.0\.113\.5","user_agent":"a client","expire_at":null\}$/,
    );
  });

  test('tells when it expires, and it does', async () => {
    await using it = await world({ tokenMinutes: 10 });
    const { token, expire_at } = await it.newToken();
    expect(expire_at).toBe('2026-01-01T00:10:00.000000Z');
    it.host.clock.advance(10 * MINUTE);
    expect(await it.state(token)).toBe('usable');
    it.host.clock.advance(1);
    expect(await it.state(token)).toBe('expired');
    expect((await it.reserve(token, 7)).reserved).toBe(false);
  });
});

describe('creating an account with a token', () => {
  test('lets one of twenty win', async () => {
    await using it = await world();
    const { token } = await it.newToken();
    const tries = await Promise.all(Array.from({ length: 20 }, (_, n) => it.reserve(token, n + 10)));
    expect(tries.filter(({ reserved }) => reserved)).toHaveLength(1);
  });

  test('killed after the reservation: the token is free again once accounts has fenced the id', async () => {
    await using it = await world();
    const { token } = await it.newToken();
    await it.reserve(token, 7);
    await it.sweep();
    expect(await it.state(token)).toBe('unknown'); // the creation may still be under way
    it.host.clock.advance(MINUTE);
    await it.sweep();
    expect([it.accounts.fenced.has(7), await it.state(token)]).toEqual([true, 'usable']);
    expect((await it.reserve(token, 8)).reserved).toBe(true);
  });

  test('killed after the creation: the token is used', async () => {
    await using it = await world();
    const { token } = await it.newToken();
    await it.reserve(token, 7);
    it.accounts.add(7);
    it.host.clock.advance(MINUTE);
    await it.sweep();
    it.host.clock.advance(MINUTE);
    await it.sweep();
    expect([await it.state(token), (await it.reserve(token, 8)).reserved]).toEqual(['unknown', false]);
  });

  test('is marked by the event when the answer was lost, and a repeat is harmless', async () => {
    await using it = await world();
    const { token } = await it.newToken();
    const { tokenId } = await it.reserve(token, 7);
    for (let times = 0; times < 2; times++)
      await it.hear('account.created.v1', { accountId: 7, spaceId: space.id, creationToken: tokenId });
    await it.host.services.ask('tokens.release', { tokenId, accountId: 7 }, it.host.context());
    expect(await it.state(token)).toBe('unknown');
  });

  test('survives a restart between reservation and sweep', async () => {
    await using it = await world();
    const { token } = await it.newToken();
    await it.reserve(token, 7);
    it.host.clock.advance(MINUTE);
    await it.host.restart();
    await it.sweep();
    expect(await it.state(token)).toBe('usable');
  });
});

test('what a token holds of its maker goes with the account that used it; no file ever held its text', async () => {
  await using it = await world();
  const answer = await it.host.call('createCreationToken', { address: '198.51.100.77', userAgent: 'A very personal phone' });
  const { token } = answer.json as { token: string };
  const { tokenId } = await it.reserve(token, 7);
  await it.host.services.ask('tokens.markUsed', { tokenId, accountId: 7 }, it.host.context());
  await it.hear('account.deleted.v1', { accountId: 7, spaceId: space.id });
  const stored = await it.ports().journal.read(`creationtoken-${tokenId}`);
  expect(stored[0]?.data).toMatchObject({ personal: 'erased' });
  await it.host.services.stop();
  for (const file of await readdir(it.host.folder)) {
    const bytes = await readFile(join(it.host.folder, file));
    for (const secret of [token, '198.51.100.77', 'A very personal phone']) expect([file, bytes.includes(secret)]).toEqual([file, false]);
  }
});
