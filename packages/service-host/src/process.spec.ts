import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Command, type Decision, event, eventCatalogue, type FactOf, handle, sealed, uuidv7 } from '@flexistream/kernel';
import { silentLog } from '@flexistream/observability';
import { add, followingProjection, inlineProjection, type ProjectionRef, put } from '@flexistream/read-models';
import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { openEmbedded } from './embedded-infrastructure.ts';
import { hostForTests } from './for-tests.ts';
import { type Services, startServices } from './process.ts';
import { relayCheckpoint } from './relay.ts';
import type { AnyService, Ports } from './service.ts';

const events = eventCatalogue({
  Noted: event(1, z.object({ id: z.string(), personal: sealed(z.object({ text: z.string() })) })),
});
type Noted = FactOf<typeof events.types>;
interface Note extends Command {
  readonly type: 'Note';
  readonly data: { readonly id: string; readonly text: string };
}
const decider = {
  initial: 0,
  events,
  evolve: (count: number) => count + 1,
  decide: ({ data: { id, text } }: Note): Decision<Noted> => [{ type: 'Noted', data: { id, personal: { text } } }],
};

const collection = { name: 'notes', indexes: [] };
const notes = inlineProjection<Noted>({ name: 'notes', version: 1, collections: [collection] }, events, {
  Noted: ({ data }) => {
    if (data.personal !== 'erased' && data.personal.text === 'breaks the view') throw new Error('of the view');
    return put('notes', data.id, { text: data.personal === 'erased' ? null : data.personal.text });
  },
});
const sums = { name: 'sums', indexes: [] };
const counts = followingProjection<Noted>({ name: 'counts', version: 1, collections: [sums] }, events, {
  Noted: () => add('sums', 'all', { count: 1 }),
});

/** A service on every port, which publishes what it notes and hears it again. Its view's version may be raised before a restart. */
const world = async (name: 'notifications' | 'statistics' = 'notifications') => {
  const release = { version: 1 };
  const heard: string[] = [];
  let ports: Ports | undefined;
  const make = (given: Ports): AnyService => {
    ports = given;
    return {
      name,
      prefixes: ['note-'],
      handlers: {},
      answers: {},
      projections: [{ ...notes, version: release.version }, counts],
      publishes: ({ type, stream }) => (type === 'Noted' ? [{ type: 'space.changed.v1', subject: stream, data: { spaceId: stream } }] : []),
      reactions: [{ topics: ['notifications'], handle: async ({ subject }) => void heard.push(subject) }],
      schedules: [],
    };
  };
  const definitions = [{ name, make }];
  const host = await hostForTests(definitions);
  const opened = (): Ports => {
    if (ports === undefined) throw new Error('no ports yet');
    return ports;
  };
  const note = (id: string, text: string) =>
    handle(opened().journal, decider, `note-${id}`, { type: 'Note', data: { id, text }, now: '' }, { context: host.context() });
  return { host, definitions, heard, note, release, ports: opened, [Symbol.asyncDispose]: () => host[Symbol.asyncDispose]() };
};

describe('a hosted service', () => {
  test('reads back what it wrote: log, inline view, following view, its own integration event', async () => {
    await using it = await world();
    await it.note('1', 'hello');
    expect(await it.ports().views.get(notes, collection, '1')).toEqual({ text: 'hello' });
    await it.host.services.caughtUp();
    expect(await it.ports().views.get(counts, sums, 'all')).toEqual({ count: 1 });
    expect(it.heard).toEqual(['note-1']);
  });

  test('goes on where it was after a restart, and publishes nothing again', async () => {
    await using it = await world();
    await it.note('1', 'hello');
    await it.host.services.caughtUp();
    await it.host.restart();
    await it.note('2', 'again');
    await it.host.services.caughtUp();
    expect(it.heard).toEqual(['note-1', 'note-2']);
    expect(await it.ports().views.get(counts, sums, 'all')).toEqual({ count: 2 });
  });

  test('seals the personal part: no file holds it in clear once it is erased, and it reads as erased', async () => {
    await using it = await world();
    await it.note('1', 'a very personal text');
    await it.ports().vault.erase('note-1');
    const [stored] = await it.ports().journal.read('note-1');
    expect(stored?.data).toMatchObject({ personal: 'erased' });
    await it.host.services.running.get('notifications')?.rebuild(() => undefined);
    await it.host.services.stop();
    for (const file of await readdir(it.host.folder)) {
      expect((await readFile(join(it.host.folder, file))).includes('a very personal text')).toBe(false);
    }
  });

  test('parks an event that its projection cannot take; the append stands', async () => {
    await using it = await world();
    await it.note('1', 'breaks the view');
    await it.note('2', 'does not');
    expect(await it.ports().journal.read('note-1')).toHaveLength(1);
    expect(await it.ports().views.get(notes, collection, '2')).toEqual({ text: 'does not' });
    const parked = await it.host.services.running.get('notifications')?.parked();
    expect(parked).toEqual([expect.objectContaining({ projection: 'notes', key: 'note-1' })]);
    expect(JSON.stringify(parked)).not.toContain('breaks');
  });

  test('builds its documents anew from the log and sends nothing', async () => {
    await using it = await world();
    for (const id of ['1', '2', '3']) await it.note(id, `text ${id}`);
    await it.host.services.caughtUp();
    const heard = it.heard.length;
    const progress: number[] = [];
    await it.host.services.running.get('notifications')?.rebuild((_what, done) => progress.push(done));
    expect(await it.ports().views.get(notes, collection, '3')).toEqual({ text: 'text 3' });
    expect(await it.ports().views.get(counts, sums, 'all')).toEqual({ count: 3 });
    expect(progress.length).toBeGreaterThan(0);
    expect(it.heard).toHaveLength(heard);
  });

  test.each(['notifications', 'statistics'] as const)('of %s builds a new version of a view and forgets the old one', async (name) => {
    await using it = await world(name);
    await it.note('1', 'a very personal text');
    it.release.version = 2;
    await it.host.restart();
    await it.host.services.caughtUp();
    expect(await it.ports().views.get({ ...notes, version: 2 }, collection, '1')).toEqual({ text: 'a very personal text' });
    await it.ports().vault.erase('note-1');
    await it.host.services.running.get(name)?.rebuild(() => undefined);
    await it.host.services.stop();
    for (const file of await readdir(it.host.folder)) {
      expect((await readFile(join(it.host.folder, file))).includes('a very personal text')).toBe(false);
    }
  });

  /** Stops it and opens its folder as a command does, for `work` on it. */
  const onFolderOf = async (it: Awaited<ReturnType<typeof world>>, atRest: boolean, work: (services: Services) => Promise<unknown>) => {
    await it.host.services.stop();
    const infrastructure = await openEmbedded({ folder: it.host.folder, threads: false });
    const starting = startServices({ definitions: it.definitions, infrastructure, log: silentLog(), atRest });
    const services = await starting.catch(async (error: unknown) => {
      await infrastructure.close();
      throw error;
    });
    await work(services);
    await services.stop();
  };

  /** What a restore of two instants leaves: someone has seen more than the log holds. */
  const putBeyond = async (folder: string, projections: readonly ProjectionRef[]): Promise<void> => {
    const infrastructure = await openEmbedded({ folder, threads: false });
    const { readModels, close } = await infrastructure.stores('notifications');
    await readModels.declare([notes, counts, relayCheckpoint]);
    for (const projection of projections) await readModels.apply(projection, [], 1_000);
    await close();
    await infrastructure.close();
  };

  test.each([
    ['a following projection', counts, 'the projection counts stands at 1000, the log ends at 2; rebuild heals it'],
    ['an inline projection', notes, 'the projection notes stands at 1000, the log ends at 2; rebuild heals it'],
    ['the relay', relayCheckpoint, 'the relay stands at 1000, the log ends at 2; republish --from POSITION heals it'],
  ])('refuses to start when %s stands beyond its log, says what heals it, and that does', async (_, projection, told) => {
    await using it = await world();
    await it.note('1', 'hello');
    await it.host.services.caughtUp();
    await it.host.services.stop();
    await putBeyond(it.host.folder, [projection]);
    await expect(onFolderOf(it, false, async () => {})).rejects.toThrow(told);
    await onFolderOf(it, true, async ({ running }) => {
      const service = running.get('notifications');
      await (projection === relayCheckpoint ? service?.republish(0) : service?.rebuild(() => undefined));
    });
    await it.host.restart();
    await it.note('2', 'again');
    await it.host.services.caughtUp();
    expect(await it.ports().views.get(counts, sums, 'all')).toEqual({ count: 2 });
    expect(await it.ports().views.get(notes, collection, '2')).toEqual({ text: 'again' });
    expect(it.heard.at(-1)).toBe('note-2');
  });

  test('starts when the newest events of its log were removed: nothing stands beyond it', async () => {
    await using it = await world();
    await it.note('1', 'hello');
    await it.note('2', 'again');
    await it.host.services.caughtUp();
    await it.ports().journal.remove('note-2');
    await it.host.restart();
    expect(await it.ports().views.get(notes, collection, '1')).toEqual({ text: 'hello' });
  });

  test('publishes again what stands after a position, and refuses one that its log has not reached', async () => {
    await using it = await world();
    for (const id of ['1', '2', '3']) await it.note(id, 'hello');
    await it.host.services.caughtUp();
    const [second] = await it.ports().journal.read('note-2');
    await onFolderOf(it, true, async ({ running }) => {
      await expect(running.get('notifications')?.republish(1_000)).rejects.toThrow('ends at');
      await running.get('notifications')?.republish(second?.position ?? Number.NaN);
    });
    await it.host.restart();
    await it.host.services.caughtUp();
    expect(it.heard).toEqual(['note-1', 'note-2', 'note-3', 'note-3']);
  });

  test('refuses to start with another master key', async () => {
    await using it = await world();
    const { folder, services } = it.host;
    await services.stop();
    const masterKey = uuidv7().repeat(2);
    const infrastructure = await openEmbedded({ folder, masterKey, threads: false });
    const starting = startServices({
      definitions: [{ name: 'notifications', make: () => ({}) as AnyService }],
      infrastructure,
      log: silentLog(),
    });
    await expect(starting).rejects.toThrow(/master key/i);
    await infrastructure.close();
  });
});
