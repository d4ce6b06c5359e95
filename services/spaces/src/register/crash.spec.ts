import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FailingJournal } from '../spec-support/failing-journal.ts';
import { openWorld, putBody, type World } from '../spec-support/world.ts';
import { registerStream } from './events.ts';

/** A change is in the register whole or not at all; a space's own stream follows, whoever looks next. */

const params = { domain: 'a.example.org' };
let journal: FailingJournal;
let world: World;
beforeEach(async () => {
  journal = new FailingJournal();
  world = await openWorld({ journal: journal.over });
  await world.request('createSpace', { body: { name: 'A', domain: 'a.example.org', copyright_text: 'before' } });
});
afterEach(async () => world[Symbol.asyncDispose]());

/** Does something and dies before the streams that are named are written. */
const killedAt = async (kills: (stream: string) => boolean, work: () => Promise<unknown>): Promise<void> => {
  journal.kills = kills;
  await expect(work()).rejects.toMatchObject({ code: 'unavailable' });
  journal.kills = () => false;
};
const ownStreams = (stream: string) => stream.startsWith('space-');
const theRegister = (stream: string) => stream === registerStream;

const read = () => world.request('readSpace', { params });
const idOf = async (domain: string) => (await world.resolve({ domain }))?.id ?? '';
const typesIn = async (stream: string) => (await world.ports.journal.read(stream)).map(({ type }) => type);
const change = { name: 'B', host: 'h.example.org', copyright_text: 'after', max_account: 4 };
const update = () => world.request('updateSpace', { params, body: putBody('B', change) });
const create = () => world.request('createSpace', { body: { name: 'New', domain: 'new.example.org' } });
const remove = () => world.request('deleteSpace', { params });

/** How the service is found again: by the next request, or by a start that nobody follows with a request. */
const afterwards: [string, () => Promise<void>][] = [
  ['the next look', async () => {}],
  ['the next look after a restart', () => world.host.restart()],
  ['the sweep', () => world.runSchedules()],
];

describe.each(afterwards)('killed between register and own stream, then %s', (_name, again) => {
  test('a PUT is there whole', async () => {
    await killedAt(ownStreams, update);
    await again();
    expect(await read()).toMatchObject({ status: 200, body: change });
    expect(await typesIn(`space-${await idOf('a.example.org')}`)).toEqual([
      ...['SpaceCreated', 'SpaceRenamed', 'SpaceMoved', 'AppFeaturesSet', 'TextsSet'],
    ]);
  });

  test('a POST is there whole, and the same command is answered as if nothing had been', async () => {
    await killedAt(ownStreams, create);
    await again();
    expect((await world.request('listSpaces')).body.at(-1)).toMatchObject({ name: 'New', domain: 'new.example.org' });
    expect(await typesIn(`space-${await idOf('new.example.org')}`)).toEqual(['SpaceCreated']);
  });

  test('several changes are there in order', async () => {
    await killedAt(ownStreams, update);
    await killedAt(ownStreams, () => world.request('updateSpace', { params, body: putBody('C', { host: 'h.example.org' }) }));
    await again();
    expect(await read()).toMatchObject({ body: { name: 'C', host: 'h.example.org', copyright_text: null, max_account: 0 } });
  });

  test('a deleted space is closed, and its domain free', async () => {
    const id = await idOf('a.example.org');
    await killedAt(ownStreams, remove);
    expect(await world.resolve({ id })).toBeNull();
    await again();
    expect((await read()).status).toBe(404);
    expect((await world.request('listSpaces')).body).toHaveLength(1);
    expect((await world.request('createSpace', { body: { name: 'A', domain: 'a.example.org' } })).status).toBe(201);
  });
});

describe('the sweep', () => {
  test('completes streams that nobody asks for', async () => {
    const id = await idOf('a.example.org');
    await killedAt(ownStreams, update);
    expect(await typesIn(`space-${id}`)).toEqual(['SpaceCreated']);
    await world.runSchedules();
    expect(await typesIn(`space-${id}`)).toContain('TextsSet');
  });

  test.each<[string, (stream: string) => boolean]>([
    ['before the own stream', ownStreams],
    ['before the note that all is done', (stream) => theRegister(stream) && deletions++ > 0],
  ])('completes a deletion that was killed %s', async (_name, kills) => {
    deletions = 0;
    const id = await idOf('a.example.org');
    await killedAt(kills, remove);
    expect(await typesIn(registerStream)).not.toContain('SpaceErased');
    await world.runSchedules();
    expect(await typesIn(`space-${id}`)).toEqual(['SpaceCreated', 'SpaceDeleted']);
    expect((await typesIn(registerStream)).filter((type) => type === 'SpaceErased')).toHaveLength(1);
    expect((await world.ports.journal.read(`space-${id}`))[0]?.data).toMatchObject({ personal: 'erased' });
    await world.runSchedules();
    expect((await typesIn(registerStream)).filter((type) => type === 'SpaceErased')).toHaveLength(1);
  });
  let deletions = 0;
});

test.each([
  ['PUT', update],
  ['POST', create],
  ['DELETE', remove],
])('a %s that was killed before the register never was', async (_name, work) => {
  const before = (await world.request('listSpaces')).body;
  await killedAt(theRegister, work);
  await world.host.restart();
  await world.runSchedules();
  expect((await world.request('listSpaces')).body).toEqual(before);
});
