import type { Caller } from '@flexistream/contracts';
import type { Answer } from '@flexistream/http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { failure, openWorld, type World } from '../spec-support/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => world[Symbol.asyncDispose]());

const [mike, tony, jane] = ['mike@sip.example.org', 'tony@sip.example.org', 'jane@sip.example.com'];
const phone = '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"';

interface Shown {
  readonly id: string;
  readonly devices: readonly { readonly id: number; readonly device_id: string }[];
  readonly [member: string]: unknown;
}
interface Page {
  readonly data: readonly Shown[];
  readonly total: number;
  readonly [member: string]: unknown;
}
const pageIn = (answer: Answer): Page => answer.json as Page;

const announce = (id: string, from: string, to: string, minute = 0, more: object = {}) =>
  world.host.call('announceCall', {
    caller: world.admin,
    body: { id, from, to, initiated_at: `2026-03-12T14:${String(minute).padStart(2, '0')}:22Z`, ...more },
  });
const device = (call: string, body: object, id = phone) =>
  world.host.call('reportCallDevice', { caller: world.admin, params: { call, device: id }, body: { ...body } });
const end = (call: string, ended_at: string) => world.host.call('endCall', { caller: world.admin, params: { call }, body: { ended_at } });
const mine = (accountId: number, query = {}) =>
  world.host.call('readMyCalls', { caller: world.callerFor(accountId), path: '/api/accounts/me/statistics/calls', query });
const read = (id: string, caller: Caller = world.admin, query = {}) =>
  world.host.call('readCalls', { caller, params: { id }, path: `/api/accounts/${id}/statistics/calls`, query });
const ids = (answer: Answer): readonly string[] => pageIn(answer).data.map(({ id }) => id);

describe('the calls of an account', () => {
  test('are shown with their devices, page and all, to the letter', async () => {
    await announce('one', tony, mike, 53, { conference_id: 'room-1' });
    await device('one', { rang_at: '2026-03-12T14:53:23Z' });
    await device('one', { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'canceled' } });
    const moment = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
    const url = 'http://sip.example.org/api/accounts/me/statistics/calls';
    const answer = await mine(7);
    expect(answer.status).toBe(200);
    expect(JSON.parse(JSON.stringify(answer.json))).toEqual({
      current_page: 1,
      data: [
        {
          id: 'one',
          from_username: 'tony',
          from_domain: 'sip.example.org',
          to_username: 'mike',
          to_domain: 'sip.example.org',
          initiated_at: '2026-03-12T14:53:22.000000Z',
          ended_at: null,
          conference_id: 'room-1',
          created_at: moment,
          updated_at: moment,
          devices: [
            {
              id: expect.any(Number),
              call_id: 'one',
              device_id: phone,
              rang_at: '2026-03-12T14:53:23.000000Z',
              invite_terminated_at: '2026-03-12T14:53:40.000000Z',
              invite_terminated_state: 'canceled',
              created_at: moment,
              updated_at: moment,
            },
          ],
        },
      ],
      first_page_url: `${url}?page=1`,
      from: 1,
      last_page: 1,
      last_page_url: `${url}?page=1`,
      links: expect.any(Array),
      next_page_url: null,
      path: url,
      per_page: 30,
      prev_page_url: null,
      to: 1,
      total: 1,
    });
  });

  test('go both ways, newest first, each once', async () => {
    await announce('in', tony, mike, 1);
    await announce('out', mike, jane, 3);
    await announce('self', mike, mike, 2);
    await announce('other', tony, jane, 4);
    expect(ids(await mine(7))).toEqual(['out', 'self', 'in']);
    expect(ids(await mine(8))).toEqual(['other', 'in']);
    expect(ids(await mine(9))).toEqual(['other', 'out']);
  });

  test('come thirty a page', async () => {
    await Promise.all(Array.from({ length: 31 }, (_, minute) => announce(`call ${minute}`, tony, mike, minute)));
    const [first, second, third] = [await mine(7), await mine(7, { page: '2' }), await mine(7, { page: '999999999999999' })];
    expect(ids(first)).toHaveLength(30);
    expect(pageIn(first)).toMatchObject({ total: 31, last_page: 2, from: 1, to: 30 });
    expect(ids(first)[0]).toBe('call 30');
    expect(ids(second)).toEqual(['call 0']);
    expect(pageIn(third)).toMatchObject({ data: [], from: null, to: null, total: 31 });
  });

  test('are none for who never called', async () => expect(pageIn(await mine(7))).toMatchObject({ data: [], total: 0, last_page: 1 }));

  test('are there at once, with what was told of them before the announcement', async () => {
    await device('one', { rang_at: '2026-03-12T14:53:23Z' });
    await failure(end('one', '2026-03-12T14:58:02Z'));
    expect(ids(await mine(7))).toEqual([]);
    await announce('one', tony, mike);
    const [call] = pageIn(await mine(7)).data;
    expect(call).toMatchObject({ id: 'one', ended_at: '2026-03-12T14:58:02.000000Z', devices: [{ device_id: phone }] });
  });

  test('belong to one person in any letter case of the address', async () => {
    await announce('one', 'TONY@SIP.example.org', `<sip:Mike@sip.example.org>`);
    expect(ids(await mine(7))).toEqual(['one']);
  });

  test('are the same after a restart', async () => {
    await announce('one', tony, mike);
    await device('one', { rang_at: '2026-03-12T14:53:23Z' });
    const before = await mine(7);
    await world.host.restart();
    expect(await mine(7)).toEqual(before);
    expect(await device('one', {}, 'another')).toMatchObject({ status: 201 });
    const [call] = pageIn(await mine(7)).data;
    expect(new Set(call?.devices.map(({ id }) => id)).size).toBe(2);
  });
});

describe('reading by id', () => {
  beforeEach(() => announce('one', tony, jane));

  test('an admin reads its own space', async () => expect(ids(await read('8'))).toEqual(['one']));
  test('a super admin reads every space', async () => expect(ids(await read('9', world.superAdmin))).toEqual(['one']));
  test.each([
    ['of another space', '9'],
    ['that is unknown', '77'],
    ['whose id is no number', '8abc'],
    ['whose id is too large', '999999999999999999'],
  ])('an account %s is not found', async (_, id) =>
    expect(await failure(read(id))).toEqual({ status: 404, text: 'missing_elements', fields: [] }),
  );
});

test('any order and any number of the same reports leads to the same page', async () => {
  const base = ['one', 'two'].flatMap((call) => [
    () => announce(call, tony, mike, 53),
    () => device(call, { rang_at: '2026-03-12T14:53:24Z' }, 'phone'),
    () => device(call, { rang_at: '2026-03-12T14:53:23Z' }, 'phone'),
    () => device(call, { rang_at: '2026-03-12T14:53:23Z' }, 'tablet'),
    () => device(call, { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'accepted' } }, 'phone'),
    () => device(call, { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'canceled' } }, 'phone'),
    () => device(call, { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'accepted_elsewhere' } }, 'tablet'),
    () => end(call, '2026-03-12T14:58:02Z'),
    () => end(call, '2026-03-12T14:58:03Z'),
  ]);
  /** The page without the integers that come in order of arrival. */
  const shown = async () =>
    pageIn(await mine(7)).data.map(({ devices, ...call }) => ({
      ...call,
      devices: devices.map(({ id: _, ...rest }) => rest).sort((one, other) => (one.device_id < other.device_id ? -1 : 1)),
    }));
  const places = base.map((_, place) => place);
  const orders = fc
    .subarray(places)
    .chain((twice) => fc.shuffledSubarray([...places, ...twice], { minLength: base.length + twice.length }));
  for (const report of base) await report().catch(() => undefined);
  const expected = await shown();
  await fc.assert(
    fc.asyncProperty(orders, fc.boolean(), async (order, atOnce) => {
      await world[Symbol.asyncDispose]();
      world = await openWorld();
      const told = order.map((place) => base[place]);
      if (atOnce) await Promise.allSettled(told.map((report) => report?.()));
      else for (const report of told) await report?.().catch(() => undefined);
      expect(await shown()).toEqual(expected);
    }),
    { numRuns: 20 },
  );
});
