import { describe, expect, test } from '@jest/globals';
import { byKey, HOST, openPopulated } from '../spec-support/population.ts';

const ME = '/api/accounts/me';
const ACCOUNTS = '/api/accounts';

describe('what owners say', () => {
  test('may be used for a second, counted from when it was asked', async () => {
    await using gateway = await openPopulated();
    const { backend, clock } = gateway;
    const get = async () => (await gateway.send(ACCOUNTS, { headers: byKey('admin') })).status;
    expect(await get()).toBe(200);
    backend.change(gateway.admin, { admin: false });
    clock.advance(999);
    expect(await get()).toBe(200);
    clock.advance(1);
    expect(await get()).toBe(403);
  });

  test('costs one call a second, however many ask', async () => {
    await using gateway = await openPopulated();
    const gate = Promise.withResolvers<void>();
    gateway.backend.hold = gate.promise;
    const answers = Promise.all(Array.from({ length: 30 }, () => gateway.send(ME, { headers: byKey('jane') })));
    while (gateway.backend.timesAsked('spaces.resolve') === 0) await new Promise(setImmediate);
    gate.resolve();
    expect(new Set((await answers).map(({ status }) => status))).toEqual(new Set([200]));
    for (const name of ['spaces.resolve', 'tokens.resolveKey', 'accounts.resolve'] as const)
      expect(gateway.backend.timesAsked(name)).toBe(1);
  });

  test('that was long on its way is used only by who waited for it', async () => {
    await using gateway = await openPopulated();
    const gate = Promise.withResolvers<void>();
    gateway.backend.hold = gate.promise;
    const early = gateway.send(ACCOUNTS, { headers: byKey('admin') });
    while (gateway.backend.timesAsked('spaces.resolve') === 0) await new Promise(setImmediate);
    gateway.backend.changeSpace(gateway.space, { expireAt: 1 });
    const late = gateway.send(ACCOUNTS, { headers: byKey('admin') });
    gateway.clock.advance(1500);
    gateway.backend.hold = undefined;
    gate.resolve();
    await early;
    expect((await late).status).toBe(403);
  });

  test('is asked once more before anything is refused: what was given works at once', async () => {
    await using gateway = await openPopulated();
    const { backend } = gateway;
    const get = async (key: string) => (await gateway.send(ACCOUNTS, { headers: byKey(key) })).status;
    expect([await get('jane'), await get('new')]).toEqual([403, 401]);
    backend.change(gateway.user, { admin: true });
    backend.addKey('new', gateway.user);
    expect([await get('jane'), await get('new')]).toEqual([200, 200]);
    backend.change(gateway.user, { blocked: true });
    gateway.clock.advance(1000);
    expect(await get('jane')).toBe(403);
    backend.change(gateway.user, { blocked: false });
    expect(await get('jane')).toBe(200);
    backend.changeSpace(gateway.space, { expireAt: gateway.clock() - 1 });
    gateway.clock.advance(1000);
    expect(await get('jane')).toBe(403);
    backend.changeSpace(gateway.space, { expireAt: null });
    expect(await get('jane')).toBe(200);
  });

  test('reckons with the clock at each use', async () => {
    await using gateway = await openPopulated();
    gateway.backend.changeSpace(gateway.space, { expireAt: gateway.clock() + 10 });
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200);
    gateway.clock.advance(10);
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(403);
  });

  test('is dropped when a command says what it changed', async () => {
    await using gateway = await openPopulated({
      handlers: { blockAccount: async ({ params }) => ({ status: 200, changed: [`account:${params.id}`] }) },
    });
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200);
    gateway.backend.change(gateway.user, { blocked: true });
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200); // nobody told, and the second is not over
    await gateway.send(`/api/accounts/${gateway.user.id}/block`, { method: 'POST', headers: byKey('admin') });
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(403);
  });

  test.each(['account', 'space', 'key'] as const)('is dropped by whoever sees it change: %s', async (kind) => {
    await using gateway = await openPopulated();
    const { backend, doors, user, space } = gateway;
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(200);
    const [hash = ''] = [...backend.keys].find(([, { accountId }]) => accountId === user.id) ?? [];
    const name = { account: `account:${user.id}`, space: `space:${space.id}`, key: `key:${hash}` }[kind];
    if (kind === 'account') backend.change(user, { blocked: true });
    if (kind === 'space') backend.changeSpace(space, { expireAt: 1 });
    if (kind === 'key') backend.keys.delete(hash);
    doors.evict([name, 'junk', 'other:1']);
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(kind === 'key' ? 401 : 403);
  });

  test('that was on its way at the change is not kept', async () => {
    await using gateway = await openPopulated();
    const { backend, doors, user } = gateway;
    const gate = Promise.withResolvers<void>();
    await gateway.send(ME, { headers: byKey('admin') });
    backend.hold = gate.promise;
    const early = gateway.send(ME, { headers: byKey('jane') });
    while (backend.timesAsked('tokens.resolveKey') < 2) await new Promise(setImmediate);
    gate.resolve();
    const second = Promise.withResolvers<void>();
    backend.hold = second.promise;
    while (backend.timesAsked('accounts.resolve') < 2) await new Promise(setImmediate);
    backend.change(user, { blocked: true });
    doors.evict([`account:${user.id}`]);
    second.resolve();
    backend.hold = undefined;
    expect((await early).status).toBe(200); // it was there before the change
    expect((await gateway.send(ME, { headers: byKey('jane') })).status).toBe(403);
  });

  test('is not waited for longer than two seconds', async () => {
    await using gateway = await openPopulated();
    gateway.backend.hold = new Promise(() => undefined);
    const started = performance.now();
    const answer = await gateway.send(ME, { headers: byKey('jane') });
    expect([answer.status, answer.headers['retry-after']]).toEqual([503, '1']);
    expect(performance.now() - started).toBeLessThan(4000);
  });
});

describe('an account that was made anew under its old name', () => {
  test('is found by the name at once', async () => {
    await using gateway = await openPopulated();
    const discover = () => gateway.send(ME, { headers: { host: HOST, from: `sip:jane@${HOST}` } });
    expect((await discover()).status).toBe(401);
    gateway.backend.removeAccount(gateway.user);
    gateway.doors.evict([`account:${gateway.user.id}`]);
    expect((await discover()).status).toBe(404);
    gateway.backend.addAccount(gateway.space, 'jane', { id: 99 });
    expect((await discover()).status).toBe(401);
  });
});
