import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { adminOf, changeSpace, createAccount, createSpace, keyOf } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

/** The members of a space in their order (spec spaces.md §4). */
const MEMBERS = [
  'domain super created_at updated_at disable_chat_feature disable_meetings_feature disable_broadcast_feature max_account hide_settings',
  'hide_account_settings disable_call_recordings_feature only_display_sip_uri_username assistant_hide_create_account',
  'assistant_disable_qr_code assistant_hide_third_party_account host max_accounts expire_at copyright_text intro_registration_text',
  'newsletter_registration_address account_proxy_registrar_address account_realm custom_provisioning_entries',
  'custom_provisioning_overwrite_all provisioning_use_linphone_provisioning_header custom_theme web_panel public_registration',
  'phone_registration intercom_features name email_server',
]
  .join(' ')
  .split(' ');

describe('spaces, end to end', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const send = (method: string, path: string, body?: unknown) => ask(server, path, { method, key: server.adminKey, body });

  test('created with 201, read, listed in the order of creation', async () => {
    const body = { name: 'Example', domain: 'sip.example.org', host: 'fam.example.org', max_accounts: '50', expire_at: '2099-01-31' };
    const made = await send('POST', '/api/spaces', body);
    expect(made.status).toBe(201);
    expect(Object.keys(made.json)).toEqual(MEMBERS);
    expect(made.json).toMatchObject({
      name: 'Example',
      domain: 'sip.example.org',
      host: 'fam.example.org',
      super: false,
      disable_broadcast_feature: true,
      web_panel: true,
      max_accounts: 50,
      expire_at: '2099-01-31T00:00:00.000000Z',
      email_server: null,
    });
    expect((await send('GET', '/api/spaces/sip.example.org')).json).toEqual(made.json);
    expect((await send('GET', '/api/spaces')).json.map(({ domain }: { domain: string }) => domain)).toEqual([
      'sip.localhost',
      'sip.example.org',
    ]);
  });

  test('the same name, domain or host again is 422', async () => {
    const again = await send('POST', '/api/spaces', { name: 'EXAMPLE', domain: 'sip.example.org', host: 'fam.example.org' });
    expect(again.status).toBe(422);
    expect(again.json).toEqual({
      message: 'The name has already been taken. (and 2 more errors)',
      errors: {
        name: ['The name has already been taken.'],
        domain: ['The domain has already been taken.'],
        host: ['The host has already been taken.'],
      },
    });
  });

  test('an empty POST needs a name and a domain', async () => {
    const { status, json } = await send('POST', '/api/spaces', {});
    expect(status).toBe(422);
    expect(json).toEqual({
      message: 'The name field is required. (and 1 more error)',
      errors: { name: ['The name field is required.'], domain: ['The domain field is required.'] },
    });
  });

  test('PUT takes back what GET gave, and shows the new state at once', async () => {
    const before = (await send('GET', '/api/spaces/sip.example.org')).json;
    const same = await send('PUT', '/api/spaces/sip.example.org', before);
    expect([same.status, same.json]).toEqual([200, before]);
    const changed = await send('PUT', '/api/spaces/sip.example.org', { ...before, copyright_text: ' ours ', hide_settings: '1' });
    expect([changed.status, changed.json.copyright_text, changed.json.hide_settings]).toEqual([200, 'ours', true]);
    expect((await send('GET', '/api/spaces/sip.example.org')).json).toEqual(changed.json);
  });

  test('PUT with a missing key, to an unknown domain, and with PATCH', async () => {
    const whole = (await send('GET', '/api/spaces/sip.example.org')).json;
    const { copyright_text: _, ...without } = whole;
    const missing = await send('PUT', '/api/spaces/sip.example.org', without);
    expect([missing.status, missing.json.errors]).toEqual([422, { copyright_text: ['The copyright text field must be present.'] }]);
    expect((await send('PUT', '/api/spaces/sip.nowhere.org', whole)).status).toBe(404);
    expect((await send('PUT', '/api/spaces/sip.nowhere.org', {})).status).toBe(422);
    const patch = await send('PATCH', '/api/spaces/sip.example.org', whole);
    expect([patch.status, patch.headers.allow]).toEqual([405, expect.stringContaining('PUT')]);
  });

  test('the mail server: 201, then 200, then gone; its password is never shown', async () => {
    const path = '/api/spaces/sip.example.org/email';
    expect((await send('GET', path)).status).toBe(404);
    const body = { host: 'smtp.example.org', port: 587, username: 'mailer', password: ' smtp-s3cret ', from_name: 'The Team' };
    const first = await send('POST', path, body);
    expect(first.status).toBe(201);
    expect(first.json).toMatchObject({ host: 'smtp.example.org', port: 587, username: 'mailer', from_address: null, signature: null });
    const second = await send('POST', path, { ...body, password: undefined, port: '25' });
    expect([second.status, second.json.port, second.json.id]).toEqual([200, 25, first.json.id]);
    const space = await send('GET', '/api/spaces/sip.example.org');
    expect(space.json.email_server).toEqual(second.json);
    expect(space.text + first.text + second.text).not.toContain('smtp-s3cret');
    const gone = await send('DELETE', path);
    expect([gone.status, gone.text]).toEqual([200, '1']);
    expect((await send('DELETE', path)).status).toBe(404);
  });

  test('the last super space stays one', async () => {
    const demoted = await changeSpace(server, 'sip.localhost', { super: false });
    expect([demoted.status, demoted.json.errors.super]).toEqual([422, ['The last super space cannot be changed to a normal one.']]);
    const deleted = await send('DELETE', '/api/spaces/sip.localhost');
    expect([deleted.status, deleted.json.message]).toEqual([403, 'The last super space cannot be deleted.']);
  });

  test('super given and taken acts on keys that exist, at the very next request', async () => {
    await createSpace(server, 'sip.rising.org');
    const admin = await adminOf(server, 'sip.rising.org');
    const list = () => ask(server, '/api/spaces', { key: admin.key });
    expect((await list()).status).toBe(403);
    expect((await changeSpace(server, 'sip.rising.org', { super: true })).status).toBe(200);
    expect((await list()).status).toBe(200);
    expect((await changeSpace(server, 'sip.rising.org', { super: false })).status).toBe(200);
    const after = await list();
    expect([after.status, after.json.message]).toEqual([403, 'Unauthorized area']);
  });

  test('an expired space is closed to its accounts, and opens again at once', async () => {
    await createSpace(server, 'sip.ending.org');
    const admin = await adminOf(server, 'sip.ending.org');
    const today = new Date().toISOString().slice(0, 10);
    expect((await changeSpace(server, 'sip.ending.org', { expire_at: today })).status).toBe(200);
    const closed = await ask(server, '/api/accounts/me', { key: admin.key });
    expect([closed.status, closed.json.message]).toEqual([403, 'The related Space has expired']);
    expect((await ask(server, '/api/accounts/me', { host: 'sip.ending.org' })).status).toBe(401);
    expect((await changeSpace(server, 'sip.ending.org', { expire_at: null })).status).toBe(200);
    expect((await ask(server, '/api/accounts/me', { key: admin.key })).status).toBe(200);
  });

  test('a changed realm locks nobody out', async () => {
    await createSpace(server, 'sip.realm.org');
    const account = await createAccount(server, { username: 'steady', domain: 'sip.realm.org' });
    expect((await changeSpace(server, 'sip.realm.org', { account_realm: 'new.realm.org' })).status).toBe(200);
    const key = await keyOf(server, account);
    expect((await ask(server, '/api/accounts/me', { key })).json.realm).toBe('new.realm.org');
  });

  test('deletion takes the accounts; a re-created domain starts empty', async () => {
    const domain = 'sip.leaving.org';
    await createSpace(server, domain);
    const admin = await adminOf(server, domain);
    const other = await createAccount(server, { username: 'leaving', domain, email: 'leaving@example.org' });
    const deleted = await send('DELETE', `/api/spaces/${domain}`);
    expect([deleted.status, deleted.text]).toEqual([200, '1']);
    expect((await ask(server, '/api/accounts/me', { key: admin.key })).status).toBe(401);
    expect((await send('GET', `/api/spaces/${domain}`)).status).toBe(404);
    expect((await send('DELETE', `/api/spaces/${domain}`)).status).toBe(404);

    await createSpace(server, domain);
    for (const { id } of [admin, other]) expect((await send('GET', `/api/accounts/${id}`)).status).toBe(404);
    expect((await send('GET', `/api/accounts/leaving@${domain}/search`)).status).toBe(404);
    const list = (await send('GET', '/api/accounts')).json.data as { domain: string }[];
    expect(list.filter((account) => account.domain === domain)).toEqual([]);
    expect((await ask(server, '/api/accounts/me', { key: admin.key })).status).toBe(401);
    const again = await createAccount(server, { username: 'leaving', domain });
    expect(again.id).toBeGreaterThan(other.id);
  });
});
