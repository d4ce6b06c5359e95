import { uuidv7 } from '@flexistream/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failure, openWorld, type World } from '../spec-support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const phone = '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"';
const newId = (): string => crypto.randomUUID().replaceAll('-', '').repeat(2);

/** Body A of Flexisip (spec statistics.md §11.3). */
const body = (id: string, more: object = {}) => ({
  conference_id: null,
  devices: { [phone]: null },
  ended_at: null,
  from: 'tony@sip.example.org',
  id,
  initiated_at: '2026-03-12T14:53:22Z',
  sip_call_id: 'b2VhUjZ0bQ',
  to: 'mike@sip.example.org',
  ...more,
});

const post = (given: object, more: object = {}) => world.host.call('announceCall', { caller: world.admin, body: { ...given }, ...more });
const patchDevice = (call: string, given: object, device = phone) =>
  world.host.call('reportCallDevice', { caller: world.admin, params: { call, device }, body: { ...given } });
const patch = (call: string, ended_at: unknown) =>
  world.host.call('endCall', { caller: world.admin, params: { call }, body: { ended_at } as never });

describe('POST calls', () => {
  test('answers 1', async () => expect(await post(body(newId()))).toEqual({ status: 200, text: '1' }));

  test('needs id, from, to and initiated_at', async () =>
    expect(await failure(post({}))).toEqual({ status: 422, text: undefined, fields: ['id', 'from', 'to', 'initiated_at'] }));

  test.each([
    ['id', { id: 'x'.repeat(65) }],
    ['from', { from: 'tony' }],
    ['from', { from: '@sip.example.org' }],
    ['to', { to: `${'x'.repeat(256)}@sip.example.org` }],
    ['initiated_at', { initiated_at: '2017-02-31' }],
    ['ended_at', { ended_at: 'soon' }],
    ['conference_id', { conference_id: [] }],
  ])('refuses a wrong %s', async (field, wrong) =>
    expect(await failure(post(body(newId(), wrong)))).toEqual({ status: 422, text: undefined, fields: [field] }),
  );

  test.each([
    ['devices', { devices: ['x'] }],
    ['sip_call_id', { sip_call_id: { a: 1 } }],
    ['anything', { anything: [[]] }],
  ])('lets %s pass, whatever it is', async (_, strange) => expect(await post(body(newId(), strange))).toMatchObject({ status: 200 }));

  test('of a known call is a database error and changes nothing', async () => {
    const id = newId();
    await post(body(id));
    expect(await failure(post(body(id)))).toEqual({ status: 400, text: 'database_error', fields: [] });
    expect(await failure(post(body(id, { from: 'jane@sip.example.com' })))).toMatchObject({ status: 400 });
    expect(await patch(id, '2026-03-12T14:58:02Z')).toMatchObject({ json: { from_username: 'tony' } });
  });

  test('under the same command id answers as the first', async () => {
    const id = newId();
    const context = { ...world.host.context(), id: uuidv7() };
    for (let times = 0; times < 3; times++) expect(await post(body(id), { context })).toEqual({ status: 200, text: '1' });
  });

  test('under the same command id answers as the first, also behind an early report', async () => {
    const id = newId();
    const context = { ...world.host.context(), id: uuidv7() };
    await patchDevice(id, {});
    for (let times = 0; times < 3; times++) expect(await post(body(id), { context })).toEqual({ status: 200, text: '1' });
  });

  test('keeps apart ids that differ in case only', async () => {
    const id = newId();
    await post(body(`${id.slice(1)}a`));
    expect(await post(body(`${id.slice(1)}A`))).toMatchObject({ status: 200 });
  });

  test('of many at once, one id: one wins', async () => {
    const id = newId();
    const tries = await Promise.allSettled(Array.from({ length: 10 }, () => post(body(id))));
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('PATCH calls/{id}/devices/{device}', () => {
  test('answers 201 with the device, then 200 with all that is known of it', async () => {
    const id = newId();
    await post(body(id));
    const first = await patchDevice(id, { rang_at: '2026-03-12T14:53:23Z' });
    expect(first).toEqual({
      status: 201,
      json: {
        call_id: id,
        device_id: phone,
        rang_at: '2026-03-12T14:53:23.000000Z',
        invite_terminated_at: null,
        invite_terminated_state: null,
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        created_at: expect.stringMatching(/Z$/),
        id: expect.any(Number),
      },
    });
    const second = await patchDevice(id, { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'accepted' } });
    expect(second).toMatchObject({
      status: 200,
      json: {
        id: (first.json as { id: number }).id,
        rang_at: '2026-03-12T14:53:23.000000Z',
        invite_terminated_at: '2026-03-12T14:53:40.000000Z',
        invite_terminated_state: 'accepted',
      },
    });
  });

  test('takes an empty report, null for absent, and offsets', async () => {
    const id = newId();
    expect(await patchDevice(id, {})).toMatchObject({ status: 201 });
    expect(await patchDevice(id, { rang_at: null, invite_terminated: null })).toMatchObject({ status: 200, json: { rang_at: null } });
    expect(await patchDevice(id, { rang_at: '2026-03-12T16:53:23.5+0200' })).toMatchObject({
      json: { rang_at: '2026-03-12T14:53:23.500000Z' },
    });
  });

  test.each([
    ['invite_terminated.state', { invite_terminated: { at: '2026-03-12T14:53:40Z' } }],
    ['invite_terminated.at', { invite_terminated: { state: 'accepted' } }],
    ['invite_terminated.at', { invite_terminated: { at: 'now', state: 'accepted' } }],
    ['invite_terminated.state', { invite_terminated: { at: '2026-03-12T14:53:40Z', state: 'x'.repeat(256) } }],
    ['invite_terminated', { invite_terminated: 'accepted' }],
    ['rang_at', { rang_at: 'now' }],
  ])('refuses a wrong %s', async (field, wrong) =>
    expect(await failure(patchDevice(newId(), wrong))).toEqual({ status: 422, text: undefined, fields: [field] }),
  );

  test('keeps device ids up to 255 characters apart', async () => {
    const id = newId();
    const token = 'x'.repeat(254);
    expect(await patchDevice(id, {}, `${token}1`)).toMatchObject({ status: 201, json: { device_id: `${token}1` } });
    expect(await patchDevice(id, {}, `${token}2`)).toMatchObject({ status: 201 });
    expect(await failure(patchDevice(id, {}, `${token}12`))).toEqual({ status: 422, text: undefined, fields: ['device_id'] });
  });

  test('no member of the body stands in for the path', async () => {
    const id = newId();
    const answer = await patchDevice(id, { call_id: 'another', device_id: 'another' });
    expect(answer).toMatchObject({ json: { call_id: id, device_id: phone } });
  });
});

describe('PATCH calls/{id}', () => {
  test('answers the whole call', async () => {
    const id = newId();
    await post(body(id, { from: 'sips:Tony@SIP.example.org:5061;transport=tls', conference_id: 'room-1' }));
    expect(await patch(id, '2026-03-12T14:58:02Z')).toEqual({
      status: 200,
      json: {
        id,
        from_username: 'tony',
        from_domain: 'sip.example.org',
        to_username: 'mike',
        to_domain: 'sip.example.org',
        initiated_at: '2026-03-12T14:53:22.000000Z',
        ended_at: '2026-03-12T14:58:02.000000Z',
        conference_id: 'room-1',
        created_at: expect.stringMatching(/Z$/),
        updated_at: expect.stringMatching(/Z$/),
      },
    });
  });

  test('the earliest end counts, before the beginning too', async () => {
    const id = newId();
    await post(body(id));
    await patch(id, '2026-03-12T14:58:02Z');
    expect(await patch(id, '2026-03-12T14:59:02Z')).toMatchObject({ status: 200, json: { ended_at: '2026-03-12T14:58:02.000000Z' } });
    expect(await patch(id, '2026-03-12T14:00:00Z')).toMatchObject({ status: 200, json: { ended_at: '2026-03-12T14:00:00.000000Z' } });
  });

  test('needs ended_at', async () => {
    expect(await failure(patch(newId(), null))).toEqual({ status: 422, text: undefined, fields: ['ended_at'] });
  });

  test('of an unknown call is 404, and is applied by the POST within ten minutes', async () => {
    const id = newId();
    expect(await failure(patch(id, '2026-03-12T14:58:03Z'))).toEqual({ status: 404, text: 'missing_elements', fields: [] });
    expect(await failure(patch(id, '2026-03-12T14:58:02Z'))).toMatchObject({ status: 404 });
    expect(await failure(patch(id, '2026-03-12T14:58:04Z'))).toMatchObject({ status: 404 });
    world.host.clock.advance(9 * 60_000);
    await post(body(id));
    expect(await patch(id, '2026-03-12T15:00:00Z')).toMatchObject({ json: { ended_at: '2026-03-12T14:58:02.000000Z' } });
  });

  test('of an unknown call is forgotten after ten minutes', async () => {
    const id = newId();
    await failure(patch(id, '2026-03-12T14:58:02Z'));
    world.host.clock.advance(10 * 60_000 + 1);
    await post(body(id));
    expect(await patch(id, '2026-03-12T15:00:00Z')).toMatchObject({ json: { ended_at: '2026-03-12T15:00:00.000000Z' } });
  });

  test('of an unknown call outlives a restart', async () => {
    const id = newId();
    await failure(patch(id, '2026-03-12T14:58:02Z'));
    await world.host.restart();
    await post(body(id));
    expect(await patch(id, '2026-03-12T15:00:00Z')).toMatchObject({ json: { ended_at: '2026-03-12T14:58:02.000000Z' } });
  });

  test('at the same moment as the POST: the end is there, whoever wins', async () => {
    for (let times = 0; times < 20; times++) {
      const id = newId();
      await Promise.allSettled(
        times % 2 ? [post(body(id)), patch(id, '2026-03-12T14:58:02Z')] : [patch(id, '2026-03-12T14:58:02Z'), post(body(id))],
      );
      expect(await patch(id, '2026-03-12T15:00:00Z')).toMatchObject({ json: { ended_at: '2026-03-12T14:58:02.000000Z' } });
    }
  });
});
