import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { askByDigest } from '../digest.ts';
import { type Account, adminOf, createAccount, createSpace, PASSWORD } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const domain = 'sip.accounts.org';
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000000Z$/;

describe('accounts, as an admin of their space manages them', () => {
  let server: ServerProcess;
  let admin: Account & { key: string };
  beforeAll(async () => {
    server = await startServer({ env: { ACCOUNT_PHONE_COUNTRIES: 'FR,DE' } });
    await createSpace(server, domain, { account_realm: 'realm.accounts.org' });
    admin = await adminOf(server, domain);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const send = (method: string, path: string, body?: unknown, key = admin.key) =>
    ask(server, path, { method, key, body, headers: { 'user-agent': 'the tests' } });

  test('creation answers the account, to the byte', async () => {
    const body = {
      username: 'alice1',
      password: 's3cret!',
      algorithm: 'SHA-256',
      dtmf_protocol: 'sipinfo',
      display_name: 'Alice Ärmel / "A"',
      email: 'Alice@Example.org',
      phone: '+33612121212',
      dictionary: { floor: '2', 10: 'ten' },
      nonsense: [1],
    };
    const made = await send('POST', '/api/accounts', body);
    expect(made.status).toBe(200);
    expect(made.headers['content-type']).toBe('application/json');
    const { id, created_at: at, provisioning_token: token } = made.json;
    expect([id, at, token]).toEqual([expect.any(Number), expect.stringMatching(MOMENT), expect.stringMatching(/^[A-Za-z0-9]{13}$/)]);
    expect(made.text).toBe(
      `{"id":${id},"username":"alice1","domain":"${domain}","email":"Alice@Example.org","activated":false,"ip_address":"127.0.0.1",` +
        `"user_agent":"the tests","created_at":"${at}","display_name":"Alice Ärmel / \\"A\\"","dtmf_protocol":"sipinfo","updated_at":"${at}",` +
        '"blocked":false,"admin":false,"phone":"+33612121212","realm":"realm.accounts.org",' +
        `"provisioning_token":"${token}","provisioning_token_expire_at":null,"dictionary":{"10":"ten","floor":"2"},` +
        '"passwords":[{"algorithm":"SHA-256"}],"email_change_code":null,"types":[],"actions":[]}',
    );
    const read = await send('GET', `/api/accounts/${id}`);
    expect(Object.keys(read.json)).toEqual([...Object.keys(made.json), 'phone_change_code']);
    expect(read.json).toEqual({ ...made.json, phone_change_code: null });
  });

  test('found by SIP address and by e-mail, whatever the case; else two texts of their own', async () => {
    const { id } = (await send('GET', `/api/accounts/alice1@${domain}/search`)).json;
    for (const path of [
      `/api/accounts/alice1%40${domain}/search`,
      `/api/accounts/sip:Alice1@${domain.toUpperCase()}/search`,
      '/api/accounts/alice@example.ORG/search-by-email',
    ]) {
      const found = await send('GET', path);
      expect([path, found.status, found.json.id]).toEqual([path, 200, id]);
    }
    const nobody = await send('GET', `/api/accounts/nobody@${domain}/search`);
    expect([nobody.status, nobody.json]).toEqual([404, { message: 'SIP address not found' }]);
    const noMail = await send('GET', '/api/accounts/nobody@example.org/search-by-email');
    expect([noMail.status, noMail.json]).toEqual([404, { message: 'Email address not found' }]);
  });

  test('info is public and says two things', async () => {
    const info = await ask(server, `/api/accounts/alice1@${domain}/info`, { host: domain });
    expect([info.status, info.text]).toEqual([200, '{"activated":false,"realm":"realm.accounts.org"}']);
    for (const nobody of [`nobody@${domain}`, 'alice1', 'alice1@sip.elsewhere.org']) {
      expect((await ask(server, `/api/accounts/${nobody}/info`, { host: domain })).status).toBe(404);
    }
  });

  test('all faults of a body come together, in the order of the rules', async () => {
    const { status, json, text } = await send('POST', '/api/accounts', { email: 'blabla' });
    expect(status).toBe(422);
    expect(json.message).toBe('The username field is required. (and 3 more errors)');
    expect(text).toContain(
      '"errors":{"username":["The username field is required."],"password":["The password field is required."],' +
        '"email":["The email must be a valid email address."],"algorithm":["The algorithm field is required."]}',
    );
  });

  test.each([
    [{ username: 'Alice2' }, 'username', 'No uppercase letters are allowed.'],
    [{ username: 'ab' }, 'username', 'The username must be at least 6 characters.'],
    [{ username: '+33612345678' }, 'username', 'The username should not be a phone number'],
    [{ username: 'semi;colon' }, 'username', 'The username should be a valid SIP username'],
    [{ username: 'alice1' }, 'username', 'The username has already been taken.'],
    [{ username: ['a'] }, 'username', 'The username must be a string.'],
    [{ password: '12345' }, 'password', 'The password must be at least 6 characters.'],
    [{ algorithm: 'md5' }, 'algorithm', 'The password algorithm must be in MD5, SHA-256'],
    [{ phone: '+33612121212' }, 'phone', 'The phone has already been taken.'],
    [{ phone: '+12125550123' }, 'phone', 'The phone number must belong to an authorized country.'],
    [{ dictionary: { floor: 2 } }, 'dictionary', 'The dictionary must be an associative dictionary of strings'],
    [{ dictionary: null }, 'dictionary', 'The dictionary must be an associative dictionary of strings'],
    [{ admin: 'yes' }, 'admin', 'The admin field must be true or false.'],
    [{ domain: 'sip.nowhere.org' }, 'domain', 'The selected domain is invalid.'],
  ])('%j is refused', async (fields, name, text) => {
    const body = { username: 'bobby1', password: PASSWORD, algorithm: 'MD5', ...fields };
    const { status, json } = await send('POST', '/api/accounts', body);
    expect(status).toBe(422);
    expect(json.errors[name]).toContain(text);
    expect(Object.keys(json.errors)).toEqual([name]);
  });

  test('a number where text is expected is taken as text', async () => {
    const { status, json } = await send('POST', '/api/accounts', { username: 123456, password: 1234567, algorithm: 'MD5' });
    expect([status, json.username]).toEqual([200, '123456']);
    const me = await askByDigest(server, { username: '123456', domain, password: '1234567' }, '/api/accounts/me');
    expect(me.status).toBe(200);
  });

  test('PUT replaces what it names, keeps what it does not, never unblocks', async () => {
    const { id } = await createAccount(server, { username: 'putting', domain, activated: true, dictionary: { a: 'b' }, email: 'p@e.org' });
    await send('POST', `/api/accounts/${id}/block`);
    const put = await send('PUT', `/api/accounts/${id}`, { username: 'putting2', password: 'n3w-secret', algorithm: 'MD5' });
    expect(put.status).toBe(200);
    expect(put.json).toMatchObject({
      id,
      username: 'putting2',
      email: null,
      activated: true,
      blocked: true,
      admin: false,
      dictionary: { a: 'b' },
      passwords: [{ algorithm: 'MD5' }],
      phone_change_code: null,
    });
    expect((await send('GET', `/api/accounts/${id}`)).json).toEqual(put.json);
    expect((await send('GET', `/api/accounts/putting@${domain}/search`)).status).toBe(404);
    expect((await send('GET', `/api/accounts/putting2@${domain}/search`)).json.id).toBe(id);
    const emptied = { username: 'putting2', password: 'n3w-secret', algorithm: 'MD5', dictionary: [] };
    expect((await send('PUT', `/api/accounts/${id}`, emptied)).text).toContain('"dictionary":{},');
    const freed = await createAccount(server, { username: 'putting', domain });
    expect(freed.id).not.toBe(id);
  });

  test('a bad body beats an unknown id; a bad id is unknown', async () => {
    expect((await send('PUT', '/api/accounts/999999', {})).status).toBe(422);
    for (const id of ['999999', '0', 'x', '12abc', '99999999999999999999', '-1', '1.5', '%00']) {
      const { status, json } = await send('GET', `/api/accounts/${id}`);
      expect([id, status, json]).toEqual([id, 404, { message: 'Missing elements to perform the request' }]);
    }
  });

  test('a list has pages of 20 in the order of ids', async () => {
    await Promise.all(Array.from({ length: 20 }, (_, n) => createAccount(server, { username: `many.${n}`, domain })));
    const url = `${server.url}/api/accounts`;
    const first = (await send('GET', '/api/accounts?page=1&per_page=5')).json;
    const { total } = first;
    expect(total).toBeGreaterThan(20);
    expect(Object.keys(first)).toEqual(
      'current_page data first_page_url from last_page last_page_url links next_page_url path per_page prev_page_url to total'.split(' '),
    );
    expect({ ...first, data: first.data.length }).toEqual({
      current_page: 1,
      data: 20,
      first_page_url: `${url}?page=1`,
      from: 1,
      last_page: 2,
      last_page_url: `${url}?page=2`,
      links: [
        { url: null, label: '&laquo; Previous', active: false },
        { url: `${url}?page=1`, label: '1', active: true },
        { url: `${url}?page=2`, label: '2', active: false },
        { url: `${url}?page=2`, label: 'Next &raquo;', active: false },
      ],
      next_page_url: `${url}?page=2`,
      path: url,
      per_page: 20,
      prev_page_url: null,
      to: 20,
      total,
    });
    const second = (await send('GET', '/api/accounts?page=2')).json;
    const all = [...first.data, ...second.data].map(({ id }: { id: number }) => id);
    expect(all).toHaveLength(total);
    expect(all).toEqual([...all].sort((a, b) => a - b));
    expect(Object.keys(first.data[0])).not.toContain('passwords');
    expect(first.data.every((account: { domain: string }) => account.domain === domain)).toBe(true);
    const beyond = (await send('GET', '/api/accounts?page=9')).json;
    expect([beyond.data, beyond.from, beyond.to, beyond.total]).toEqual([[], null, null, total]);
    for (const odd of ['0', '-1', 'x', '']) expect((await send('GET', `/api/accounts?page=${odd}`)).json.current_page).toBe(1);
  });

  test('a new provisioning token replaces the former one', async () => {
    const { id } = await createAccount(server, { username: 'provision', domain });
    const before = (await send('GET', `/api/accounts/${id}`)).json.provisioning_token;
    const answer = (await send('GET', `/api/accounts/${id}/provision`)).json;
    expect(answer.provisioning_token).toMatch(/^[A-Za-z0-9]{13}$/);
    expect(answer.provisioning_token).not.toBe(before);
    expect((await send('GET', `/api/accounts/${id}`)).json.provisioning_token).toBe(answer.provisioning_token);
  });

  test('accounts of other spaces do not exist for an admin', async () => {
    await createSpace(server, 'sip.others.org');
    const foreign = await adminOf(server, 'sip.others.org');
    const { id } = (await send('GET', `/api/accounts/alice1@${domain}/search`)).json;
    const body = { username: 'alice1', password: PASSWORD, algorithm: 'MD5' };
    const tries: [string, string, unknown?][] = [
      ['GET', `/api/accounts/${id}`],
      ['PUT', `/api/accounts/${id}`, body],
      ['DELETE', `/api/accounts/${id}`],
      ['POST', `/api/accounts/${id}/block`],
      ['POST', `/api/accounts/${id}/activate`],
      ['GET', `/api/accounts/${id}/provision`],
      ['GET', `/api/accounts/${id}/statistics/calls`],
      ['GET', `/api/accounts/alice1@${domain}/search`],
      ['GET', '/api/accounts/alice@example.org/search-by-email'],
    ];
    for (const host of ['sip.others.org', domain]) {
      for (const [method, path, sent] of tries) {
        const answer = await ask(server, path, { method, key: foreign.key, body: sent, host });
        expect([method, path, answer.status]).toEqual([method, path, 404]);
      }
    }
    // A foreign domain in the body is ignored: the own space it is.
    const own = await ask(server, '/api/accounts', { method: 'POST', key: foreign.key, body: { ...body, domain } });
    expect([own.status, own.json.domain]).toEqual([200, 'sip.others.org']);
  });

  test('a super admin creates anywhere, but not nowhere', async () => {
    const body = { username: 'anywhere', password: PASSWORD, algorithm: 'MD5' };
    const nowhere = await send('POST', '/api/accounts', { ...body, domain: 'sip.nowhere.org' }, server.adminKey);
    expect([nowhere.status, nowhere.json]).toEqual([403, { message: 'This action is unauthorized.' }]);
    const there = await ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, body, host: domain });
    expect([there.status, there.json.domain]).toEqual([200, domain]);
  });
});
