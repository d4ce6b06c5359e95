import { uuidv7 } from '@flexistream/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { failure, openWorld, type World } from '../spec-support/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const phone = '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"';
const mike = 'mike@sip.example.org';
const newId = (): string => crypto.randomUUID().replaceAll('-', '').repeat(2);

/** Body E of Flexisip (spec statistics.md §11.3). */
const body = (id: string, more: object = {}) => ({
  conference_id: null,
  encrypted: false,
  from: 'tony@sip.example.org',
  id,
  sent_at: '2026-03-12T14:53:22Z',
  to: { [mike]: { [phone]: null } },
  ...more,
});

const post = (given: object, more: object = {}) => world.host.call('announceMessage', { caller: world.admin, body: { ...given }, ...more });
const patch = (message: string, last_status: unknown, received_at: unknown, { to = mike, device = phone } = {}) =>
  world.host.call('reportMessageDevice', {
    caller: world.admin,
    params: { message, to, device },
    body: { last_status, received_at } as never,
  });

describe('POST messages', () => {
  test('answers 1', async () => expect(await post(body(newId()))).toEqual({ status: 200, text: '1' }));

  test('needs id, from, sent_at and encrypted', async () =>
    expect(await failure(post({}))).toEqual({ status: 422, text: undefined, fields: ['id', 'from', 'sent_at', 'encrypted'] }));

  test.each([
    ['id', { id: 'x'.repeat(65) }],
    ['from', { from: 'tony' }],
    ['sent_at', { sent_at: '2017-W60' }],
    ['encrypted', { encrypted: 'yes' }],
  ])('refuses a wrong %s', async (field, wrong) =>
    expect(await failure(post(body(newId(), wrong)))).toEqual({ status: 422, text: undefined, fields: [field] }),
  );

  test.each([
    ['nobody, as a client writes to a conference server', {}],
    ['a text', 'mike'],
    ['a list', [mike]],
    ['something that is no address', { mike: { [phone]: null } }],
  ])('is taken to %s', async (_, to) => expect(await post(body(newId(), { to, conference_id: 'room-1' }))).toMatchObject({ status: 200 }));

  test('of a known message is a database error', async () => {
    const id = newId();
    await post(body(id));
    expect(await failure(post(body(id, { encrypted: true })))).toEqual({ status: 400, text: 'database_error', fields: [] });
  });

  test('under the same command id answers as the first', async () => {
    const id = newId();
    const context = { ...world.host.context(), id: uuidv7() };
    for (let times = 0; times < 3; times++) expect(await post(body(id), { context })).toEqual({ status: 200, text: '1' });
  });
});

describe('PATCH messages/{id}/to/{to}/devices/{device}', () => {
  test('answers 201 with the device, then 200', async () => {
    const id = newId();
    await post(body(id));
    const first = await patch(id, 503, '2026-03-12T14:53:23Z');
    expect(first).toEqual({
      status: 201,
      json: {
        message_id: id,
        to_username: 'mike',
        to_domain: 'sip.example.org',
        device_id: phone,
        last_status: 503,
        received_at: '2026-03-12T14:53:23.000000Z',
        updated_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
        created_at: expect.stringMatching(/Z$/),
        id: expect.any(Number),
      },
    });
    expect(await patch(id, 200, '2026-03-14T14:53:23Z')).toMatchObject({
      status: 200,
      json: { id: (first.json as { id: number }).id, last_status: 200, received_at: '2026-03-14T14:53:23.000000Z' },
    });
    expect(await patch(id, 503, '2026-03-12T14:53:23Z')).toMatchObject({ status: 200, json: { last_status: 200 } });
  });

  test('is taken before the POST, and after it', async () => {
    const id = newId();
    expect(await patch(id, 200, '2026-03-12T14:53:23Z')).toMatchObject({ status: 201 });
    expect(await post(body(id))).toMatchObject({ status: 200 });
    expect(await patch(id, 200, '2026-03-12T14:53:23Z')).toMatchObject({ status: 200 });
  });

  test('keeps people and devices apart', async () => {
    const id = newId();
    await patch(id, 200, '2026-03-12T14:53:23Z');
    expect(await patch(id, 408, '2026-03-12T14:53:23Z', { to: '+33612345678@sip.example.org' })).toMatchObject({
      status: 201,
      json: { to_username: '+33612345678', last_status: 408 },
    });
    expect(await patch(id, 408, '2026-03-12T14:53:23Z', { device: 'fs-gen-1' })).toMatchObject({ status: 201 });
    expect(await patch(id, 200, '2026-03-12T14:53:23Z')).toMatchObject({ status: 200 });
  });

  test('trims what stands in the path', async () => {
    const id = newId();
    await patch(id, 200, '2026-03-12T14:53:23Z');
    expect(await patch(id, 200, '2026-03-12T14:53:23Z', { to: `${mike} ` })).toMatchObject({
      status: 200,
      json: { to_domain: 'sip.example.org' },
    });
  });

  test('needs last_status and received_at, an address and ids that fit', async () => {
    expect(await failure(patch(newId(), null, null))).toEqual({ status: 422, text: undefined, fields: ['last_status', 'received_at'] });
    expect(await failure(patch(newId(), 'ok', '2026'))).toMatchObject({ fields: ['last_status'] });
    expect(await failure(patch(newId(), 200, '2026-03-12', { to: 'mike', device: 'x'.repeat(256) }))).toMatchObject({
      fields: ['to', 'device_id'],
    });
    expect(await failure(patch('x'.repeat(65), 200, '2026-03-12'))).toMatchObject({ status: 422, fields: ['message_id'] });
  });

  test('of one new device by many at once: one made it', async () => {
    const id = newId();
    const answers = await Promise.all(Array.from({ length: 10 }, () => patch(id, 200, '2026-03-12T14:53:23Z')));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(new Set(answers.map(({ json }) => (json as { id: number }).id)).size).toBe(1);
  });
});
