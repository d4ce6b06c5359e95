import { afterEach, describe, expect, test } from '@jest/globals';
import type { SpacesSettings } from '../settings.ts';
import { openWorld, putBody, type World, type WorldOptions } from '../spec-support/world.ts';
import { registerStream } from './events.ts';

let world: World;
const open = async (options: WorldOptions = {}) => {
  world = await openWorld(options);
};
afterEach(async () => world[Symbol.asyncDispose]());

const create = (body: Parameters<World['request']>[1] & object) => world.request('createSpace', body);
const count = () => world.host.services.ask('spaces.count', {}, world.host.context());
const createFirst = (domain: string, more = {}) =>
  world.host.services.ask('spaces.createFirst', { domain, host: domain, name: domain, ...more }, world.host.context());

describe('spaces.resolve', () => {
  test('finds by host, domain and id, in any case, and says what others need', async () => {
    await open();
    await create({
      body: { name: 'A', domain: 'a.example.org', host: 'h.example.org', account_realm: 'r.org', expire_at: '2026-03-01 10:00' },
    });
    const space = await world.resolve({ domain: 'A.example.org' });
    expect(space).toEqual({
      id: space?.id,
      domain: 'a.example.org',
      host: 'h.example.org',
      name: 'A',
      realm: 'r.org',
      super: false,
      expireAt: Date.UTC(2026, 2, 1, 10),
    });
    expect(await world.resolve({ host: 'H.EXAMPLE.org' })).toEqual(space);
    expect(await world.resolve({ id: space?.id ?? '' })).toEqual(space);
  });

  test('does not take a host for a domain, nor a domain for a host', async () => {
    await open();
    await create({ body: { name: 'A', domain: 'a.example.org', host: 'h.example.org' } });
    expect(await world.resolve({ host: 'a.example.org' })).toBeNull();
    expect(await world.resolve({ domain: 'h.example.org' })).toBeNull();
    expect(await world.resolve({ id: 'nobody' })).toBeNull();
  });

  test.each<[Partial<SpacesSettings>, string | undefined]>([
    [{}, 'super.example.org'],
    [{ DEFAULT_SPACE: 'B.example.org' }, 'b.example.org'],
    [{ DEFAULT_SPACE: 'nobody.example.org' }, undefined],
  ])('with %j the stand-in is %s', async (settings, domain) => {
    await open({ settings });
    await create({ body: { name: 'B', domain: 'b.example.org' } });
    expect((await world.resolve({ standIn: true }))?.domain).toBe(domain);
  });

  test('sees what another process has written, at once', async () => {
    await open();
    await create({ body: { name: 'A', domain: 'a.example.org' } });
    const id = (await world.resolve({ domain: 'a.example.org' }))?.id ?? '';
    const made = { space: id, at: '2026-01-01T00:00:00.000Z' };
    const metadata = { command: id, correlation: id, actor: 'public', at: made.at };
    const event = { id: crypto.randomUUID(), type: 'SpaceMadeSuper', schema: 1, data: made, metadata };
    await world.ports.journal.append(registerStream, [event], { expect: 'stream-exists' });
    expect((await world.resolve({ id }))?.super).toBe(true);
    expect((await world.request('readSpace', { params: { domain: 'a.example.org' } })).body.super).toBe(true);
  });

  test('goes on over an event of a newer release, on which nothing is decided', async () => {
    await open();
    const id = (await world.resolve({ domain: 'super.example.org' }))?.id ?? '';
    const metadata = { command: id, correlation: id, actor: 'public', at: '' };
    const event = { id: crypto.randomUUID(), type: 'SpacePainted', schema: 1, data: { space: id }, metadata };
    await world.ports.journal.append(registerStream, [event], { expect: 'stream-exists' });
    expect(await world.resolve({ id })).toMatchObject({ domain: 'super.example.org' });
    await expect(create({ body: { name: 'A', domain: 'a.example.org' } })).rejects.toMatchObject({ code: 'unavailable' });
  });
});

test('spaces.count counts the live ones', async () => {
  await open();
  await create({ body: { name: 'A', domain: 'a.example.org', super: true } });
  await create({ body: { name: 'B', domain: 'b.example.org' } });
  expect(await count()).toEqual({ spaces: 3, superSpaces: 2 });
  await world.request('deleteSpace', { params: { domain: 'a.example.org' } });
  await world.request('deleteSpace', { params: { domain: 'b.example.org' } });
  expect(await count()).toEqual({ spaces: 1, superSpaces: 1 });
});

describe('spaces.createFirst', () => {
  test('makes a super space, once, and leaves one that stands as it is', async () => {
    await open();
    const first = await createFirst('first.example.org', { host: 'H.example.org', name: 'First' });
    expect(first).toMatchObject({ domain: 'first.example.org', host: 'h.example.org', name: 'First', super: true });
    expect(await createFirst('FIRST.example.org', { name: 'Other' })).toEqual(first);
    expect(await count()).toEqual({ spaces: 2, superSpaces: 2 });
    expect((await world.request('listSpaces')).body).toHaveLength(2);
  });

  test('makes one when several start at once', async () => {
    await open();
    const all = await Promise.all(Array.from({ length: 5 }, () => createFirst('first.example.org')));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
  });

  test.each([
    ['not a domain', {}],
    ['first.example.org', { host: 'localhost' }],
    ['first.example.org', { host: 'first.example.com' }],
    ['first.example.org', { name: 'SUPER.example.org' }],
  ])('says why %s with %j cannot be', async (domain, more) => {
    await open({ settings: { APP_ROOT_HOST: 'example.org' } });
    await expect(createFirst(domain, more)).rejects.toMatchObject({ code: 'spaces/first-space-refused' });
  });
});

test('a moment of expiry that passes is noted once, and told', async () => {
  await open();
  await create({ body: { name: 'A', domain: 'a.example.org', expire_at: '2026-01-02' } });
  const id = (await world.resolve({ domain: 'a.example.org' }))?.id;
  const types = async () => (await world.ports.journal.read(`space-${id}`)).map(({ type }) => type);
  await world.runSchedules();
  expect(await types()).toEqual(['SpaceCreated']);
  world.host.clock.advance(86_400_000);
  await world.runSchedules();
  await world.runSchedules();
  expect(await types()).toEqual(['SpaceCreated', 'SpaceExpired']);
  const body = putBody('A', { expire_at: '2026-01-03' });
  expect(await world.request('updateSpace', { params: { domain: 'a.example.org' }, body })).toMatchObject({ status: 200 });
});
