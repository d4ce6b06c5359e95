import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openWorld, putBody, type World } from '../spec-support/world.ts';

const missing = { status: 404, body: { message: 'Missing elements to perform the request' } };

const example = {
  ...{ domain: 'sip.example.org', super: false, created_at: '2026-01-01T00:00:00.000000Z', updated_at: '2026-01-01T00:00:00.000000Z' },
  ...{
    disable_chat_feature: false,
    disable_meetings_feature: false,
    disable_broadcast_feature: true,
    max_account: 0,
    hide_settings: false,
  },
  ...{ hide_account_settings: false, disable_call_recordings_feature: false, only_display_sip_uri_username: false },
  ...{ assistant_hide_create_account: false, assistant_disable_qr_code: false, assistant_hide_third_party_account: false },
  ...{ host: 'sip.example.org', max_accounts: 0, expire_at: null, copyright_text: null, intro_registration_text: null },
  ...{ newsletter_registration_address: null, account_proxy_registrar_address: null, account_realm: null },
  ...{ custom_provisioning_entries: null, custom_provisioning_overwrite_all: false, provisioning_use_linphone_provisioning_header: true },
  ...{ custom_theme: false, web_panel: true, public_registration: true, phone_registration: true, intercom_features: false },
  ...{ name: 'Example', email_server: null },
};

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => world[Symbol.asyncDispose]());

const create = (name: string, more = {}) => world.request('createSpace', { body: { name, domain: `${name}.example.org`, ...more } });
const read = (domain: string) => world.request('readSpace', { params: { domain } });
const put = (domain: string, body: Parameters<World['request']>[1] & object) =>
  world.request('updateSpace', { params: { domain }, ...body });
const remove = (domain: string, language: 'en' | 'fr' = 'en') => world.request('deleteSpace', { params: { domain }, language });
const idOf = async (domain: string) => (await world.resolve({ domain }))?.id ?? '';

describe('POST /spaces', () => {
  test('answers 201 with the whole space, in the order of the page, and names what changed', async () => {
    const { status, body, changed } = await world.request('createSpace', { body: { name: 'Example', domain: 'sip.example.org' } });
    expect(status).toBe(201);
    expect(JSON.stringify(body)).toBe(JSON.stringify(example));
    expect(changed).toEqual([`space:${await idOf('sip.example.org')}`]);
    expect(JSON.stringify((await read('sip.example.org')).body)).toBe(JSON.stringify(example));
  });

  test('takes every setting, real booleans and integers come out', async () => {
    const settings = {
      ...{ super: '1', disable_broadcast_feature: 0, hide_settings: 1, max_account: '+5', max_accounts: 7, expire_at: '2026-01-31' },
      ...{
        copyright_text: ' ours ',
        account_realm: 'realm.org',
        custom_provisioning_entries: '[a]\nb=c',
        web_panel: '0',
        host: 'h.all.org',
      },
      ...{ newsletter_registration_address: 'news@all.org', account_proxy_registrar_address: 'proxy', intro_registration_text: '# Hi' },
    };
    const { status, body } = await create('all', settings);
    expect(status).toBe(201);
    expect(body).toEqual({
      ...example,
      ...settings,
      ...{ name: 'all', domain: 'all.example.org', super: true, disable_broadcast_feature: false, hide_settings: true, max_account: 5 },
      ...{ copyright_text: 'ours', web_panel: false, expire_at: '2026-01-31T00:00:00.000000Z' },
    });
    expect((await read('all.example.org')).body).toEqual(body);
  });

  test.each([
    ['2026-01-31 10:00:00', '2026-01-31T10:00:00.000000Z'],
    ['2026-01-31T23:30:00-05:00', '2026-02-01T04:30:00.000000Z'],
    ['2026-01-01', '2026-01-01T00:00:00.000000Z'],
  ])('understands the moment %s', async (expire_at, moment) => {
    const name = `at-${moment.replaceAll(/\D/g, '')}`;
    expect((await create(name, { expire_at })).body.expire_at).toBe(moment);
  });

  test('answers the same when the same command comes again', async () => {
    const call = { context: world.host.context('account:1'), body: { name: 'Again', domain: 'again.example.org' } };
    const first = await world.request('createSpace', call);
    expect(first.status).toBe(201);
    expect(await world.request('createSpace', call)).toEqual(first);
  });

  test('ignores what it does not know, and null numbers are 0', async () => {
    expect(await create('null', { max_account: null, max_accounts: null, expire_at: null, host: null, unknown: [1] })).toMatchObject({
      status: 201,
      body: { max_account: 0, max_accounts: 0, host: 'null.example.org' },
    });
  });
});

describe('GET /spaces', () => {
  test('lists all in order of creation, as they look by themselves', async () => {
    const { status, body } = await world.request('listSpaces');
    expect(status).toBe(200);
    const domains = body.map(({ domain }: { domain: string }) => domain);
    expect(domains.slice(0, 3)).toEqual(['super.example.org', 'sip.example.org', 'all.example.org']);
    expect(body[2]).toEqual((await read('all.example.org')).body);
  });

  test('finds a domain in any case, by domain and not by host', async () => {
    expect((await read('ALL.example.org')).body.name).toBe('all');
    expect(await read('h.all.org')).toEqual(missing);
    expect(await read('nobody.example.org')).toEqual(missing);
  });
});

describe('PUT /spaces/{domain}', () => {
  test('replaces everything and shows the new state, then and later', async () => {
    await create('put', { copyright_text: 'former', super: true });
    world.host.clock.advance(5_000);
    const changed = await put('put.example.org', {
      body: putBody('Put', { host: 'h.put.org', account_realm: 'r.org', web_panel: 0, domain: 'ignored.org', expire_at: '2026-05-05' }),
    });
    const { created_at } = (await read('put.example.org')).body;
    expect(changed).toEqual({
      status: 200,
      body: {
        ...example,
        ...{ name: 'Put', domain: 'put.example.org', host: 'h.put.org', account_realm: 'r.org', web_panel: false },
        ...{ expire_at: '2026-05-05T00:00:00.000000Z', created_at, updated_at: changed.body.updated_at },
      },
      changed: [`space:${await idOf('put.example.org')}`],
    });
    expect(Date.parse(changed.body.updated_at)).toBe(Date.parse(created_at) + 5_000);
    expect((await read('put.example.org')).body).toEqual(changed.body);
    expect(await world.resolve({ host: 'h.put.org' })).toMatchObject({
      domain: 'put.example.org',
      realm: 'r.org',
      super: false,
      expireAt: Date.UTC(2026, 4, 5),
    });
    expect(await world.resolve({ host: 'put.example.org' })).toBeNull();
  });

  test('takes back what GET gave, writes no event and leaves updated_at', async () => {
    const before = (await read('all.example.org')).body;
    world.host.clock.advance(5_000);
    const head = await world.ports.journal.head();
    expect(await put('all.example.org', { body: before })).toMatchObject({ status: 200, body: before });
    expect(await world.ports.journal.head()).toBe(head);
  });

  test('writes all its events in one append', async () => {
    await create('events');
    await put('events.example.org', { body: putBody('Events', { host: 'h.events.org', hide_settings: true }) });
    const own = await world.ports.journal.read(`space-${await idOf('events.example.org')}`);
    expect(own.map(({ type }) => type)).toEqual(['SpaceCreated', 'SpaceRenamed', 'SpaceMoved', 'AppFeaturesSet']);
    expect(own.at(-1)?.metadata.actor).toBe('account:1');
  });

  test('refuses to make the last super space with an admin a normal one', async () => {
    const others = ['super.example.org', 'all.example.org'];
    const body = { ...(await read('all.example.org')).body, super: false };
    world.accounts.withoutAdmin.add(await idOf(others[0] ?? ''));
    expect((await put('all.example.org', { body })).body).toEqual({
      message: 'The last super space cannot be changed to a normal one.',
      errors: { super: ['The last super space cannot be changed to a normal one.'] },
    });
    expect(await remove('all.example.org')).toEqual({ status: 403, body: { message: 'The last super space cannot be deleted.' } });
    world.accounts.withoutAdmin.clear();
    expect(await put('all.example.org', { body })).toMatchObject({ status: 200, body: { super: false } });
    const last = (await read('super.example.org')).body;
    expect((await put('super.example.org', { body: { ...last, super: false }, language: 'fr' })).body.errors).toEqual({
      super: ['Le dernier super espace ne peut pas devenir un espace normal.'],
    });
  });
});

describe('DELETE /spaces/{domain}', () => {
  test('closes the space at once and frees domain, host and name for another one that starts empty', async () => {
    await create('gone', { host: 'h.gone.org' });
    await world.request('setMailServer', { params: { domain: 'gone.example.org' }, body: { host: 'smtp.gone.org', port: 25 } });
    const id = await idOf('gone.example.org');
    expect(await remove('GONE.example.org')).toEqual({ status: 200, body: '1', changed: [`space:${id}`] });
    expect(await read('gone.example.org')).toEqual(missing);
    for (const wanted of [{ id }, { domain: 'gone.example.org' }, { host: 'h.gone.org' }]) expect(await world.resolve(wanted)).toBeNull();
    expect((await world.request('listSpaces')).body.map(({ domain }: { domain: string }) => domain)).not.toContain('gone.example.org');
    expect(await create('gone', { host: 'h.gone.org' })).toMatchObject({ status: 201, body: { email_server: null } });
    expect(await idOf('gone.example.org')).not.toBe(id);
  });

  test('knows no unknown domain', async () => expect(await remove('nobody.example.org')).toEqual(missing));

  test('refuses the last super space', async () => {
    expect(await remove('super.example.org')).toEqual({ status: 403, body: { message: 'The last super space cannot be deleted.' } });
    expect((await remove('super.example.org', 'fr')).body).toEqual({ message: 'Le dernier super espace ne peut pas être supprimé.' });
  });
});

test('everything is there after a restart', async () => {
  const before = (await world.request('listSpaces')).body;
  await world.host.restart();
  expect((await world.request('listSpaces')).body).toEqual(before);
  expect(await world.resolve({ domain: 'all.example.org' })).toMatchObject({ name: 'all' });
});
