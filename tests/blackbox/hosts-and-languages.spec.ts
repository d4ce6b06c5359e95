import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask, linesOf } from '../client.ts';
import { type Account, adminOf, createSpace } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

describe('hosts', () => {
  let server: ServerProcess;
  let admin: Account & { key: string };
  beforeAll(async () => {
    server = await startServer();
    await createSpace(server, 'sip.one.org', { host: 'accounts.one.org' });
    await createSpace(server, 'sip.two.org', { host: 'accounts.two.org' });
    admin = await adminOf(server, 'sip.one.org');
  });
  afterAll(() => server[Symbol.asyncDispose]());

  test('an unknown one is 404 before the login; ping and health do not mind', async () => {
    for (const key of [undefined, admin.key, server.adminKey]) {
      const answer = await ask(server, '/api/accounts/me', { key, host: 'accounts.nobody.org' });
      expect([answer.status, answer.json]).toEqual([404, { message: 'Host not configured' }]);
    }
    for (const path of ['/api/ping', '/healthz', '/readyz']) {
      expect([path, (await ask(server, path, { host: 'accounts.nobody.org' })).status]).toEqual([path, 200]);
    }
  });

  test('a malformed one is 400', async () => {
    expect((await ask(server, '/api/accounts/me', { host: 'a b', key: admin.key })).status).toBe(400);
  });

  test("on another space's host an admin acts in the own space", async () => {
    for (const host of ['accounts.two.org', 'ACCOUNTS.ONE.ORG:8443', 'localhost', '127.0.0.1', '[::1]:80']) {
      const me = await ask(server, '/api/accounts/me', { key: admin.key, host });
      expect([host, me.status, me.json.id]).toEqual([host, 200, admin.id]);
      const { data } = (await ask(server, '/api/accounts', { key: admin.key, host })).json;
      expect(data.map(({ domain }: { domain: string }) => domain)).toEqual(['sip.one.org']);
    }
  });

  test('a space that moves leaves its old host at once', async () => {
    const whole = (await ask(server, '/api/spaces/sip.two.org', { key: server.adminKey })).json;
    const moved = { ...whole, host: 'moved.two.org' };
    expect((await ask(server, '/api/spaces/sip.two.org', { method: 'PUT', key: server.adminKey, body: moved })).status).toBe(200);
    expect((await ask(server, '/api/accounts/me', { key: admin.key, host: 'accounts.two.org' })).status).toBe(404);
    expect((await ask(server, '/api/accounts/me', { key: admin.key, host: 'moved.two.org' })).status).toBe(200);
  });
});

describe('answers', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const create = (language: string) =>
    ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, body: {}, headers: { 'accept-language': language } });

  test.each([
    ['fr', true],
    ['fr-CA', true],
    ['de, fr;q=0.5', true],
    ['en, fr;q=0.5', false],
    ['fr;q=0', false],
    ['xx', false],
    [';;;=,', false],
    ['', false],
  ])('speak the best of English and French: %j', async (language, french) => {
    const answer = await create(language);
    const message = french
      ? 'Le champ pseudo est obligatoire. (et 2 autres erreurs)'
      : 'The username field is required. (and 2 more errors)';
    expect([answer.status, answer.json.message]).toEqual([422, message]);
    expect(linesOf(answer, 'content-language')).toEqual([french ? 'fr' : 'en']);
    expect(linesOf(answer, 'vary').join(',')).toMatch(/accept-language/i);
  });

  test('speak French in refusals and on pages', async () => {
    const headers = { 'accept-language': 'fr' };
    const unknown = await ask(server, '/api/accounts/999999', { key: server.adminKey, headers });
    expect([unknown.status, unknown.json.message]).toEqual([404, 'Des éléments manquent pour traiter la requête']);
    const { links } = (await ask(server, '/api/accounts', { key: server.adminKey, headers })).json;
    expect([links.at(0).label, links.at(-1).label]).toEqual(['&laquo; Précédent', 'Suivant &raquo;']);
  });

  test('are JSON without charset, never stored, with an id, whatever is accepted', async () => {
    const paths = ['/api/ping', '/api/accounts/me', '/api/accounts', '/api/nothing', '/api/spaces', '/api/accounts/me/api_key'];
    for (const path of paths) {
      for (const accept of ['application/json', 'text/html', '*/*', 'image/png']) {
        const answer = await ask(server, path, { headers: { accept, from: 'sip:nobody@sip.localhost' } });
        expect([path, answer.headers['content-type']]).toEqual([path, 'application/json']);
        expect(answer.headers['content-length']).toBe(String(Buffer.byteLength(answer.text)));
        expect(answer.headers['cache-control']).toMatch(/no-store/);
        expect(answer.headers['x-request-id']).toMatch(/^[\w-]{8,}$/);
        expect(answer.headers.etag).toBeUndefined();
        expect(answer.headers['x-powered-by']).toBeUndefined();
      }
    }
  });

  test('name what a path or method lacks', async () => {
    const path = await ask(server, '/api/nothing');
    expect([path.status, path.json.message]).toEqual([404, 'The route api/nothing could not be found.']);
    const method = await ask(server, '/api/ping', { method: 'POST' });
    expect([method.status, method.headers.allow]).toEqual([405, 'GET, HEAD']);
    expect(method.json.message).toBe('The POST method is not supported for route api/ping. Supported methods: GET, HEAD.');
    const options = await ask(server, '/api/accounts', { method: 'OPTIONS' });
    expect([options.status, options.headers.allow]).toEqual([204, expect.stringContaining('POST')]);
    expect((await ask(server, '/api/ping/')).status).toBe(200);
    expect((await ask(server, '/api//ping')).status).toBe(404);
    expect((await ask(server, '/API/ping')).status).toBe(404);
  });
});
