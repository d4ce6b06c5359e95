import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { askByDigest } from '../digest.ts';
import { runToEnd, type ServerProcess, startServer, temporaryFolder } from '../server-process.ts';

const nothingChosen = { FIRST_ADMIN_PASSWORD: undefined, FIRST_ADMIN_API_KEY: undefined, FIRST_SPACE_DOMAIN: 'sip.first.example' };

const printed = (server: ServerProcess, label: string): string | undefined =>
  new RegExp(`^\\s*${label}\\s+(\\S+)$`, 'm').exec(server.output())?.[1];

describe('the first start in an empty folder', () => {
  let folder: string;
  let server: ServerProcess;
  beforeAll(async () => {
    folder = join(await temporaryFolder(), 'data');
    server = await startServer({ folder, env: nothingChosen });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(join(folder, '..'), { recursive: true, force: true });
  });

  test('tells its process id in the first line, as JSON', () => {
    const [first = ''] = server.output().split('\n');
    expect(JSON.parse(first)).toMatchObject({ pid: server.pid, msg: expect.stringContaining(String(server.pid)) });
  });

  test('prints the URL, the address, the password and the key of the first super admin, once', () => {
    expect(server.output()).toContain(`serves at ${server.url}`);
    expect(printed(server, 'super space')).toBe('sip.first.example');
    expect(printed(server, 'super admin')).toBe('admin@sip.first.example');
    expect(printed(server, 'password')).toMatch(/^[A-Za-z0-9]{20}$/);
    expect(printed(server, 'API key')).toMatch(/^[A-Za-z0-9]{40}$/);
  });

  test('the printed key is that of a super admin', async () => {
    const key = printed(server, 'API key');
    const me = await ask(server, '/api/accounts/me', { key });
    expect(me.json).toMatchObject({ username: 'admin', domain: 'sip.first.example', admin: true, activated: true });
    const spaces = await ask(server, '/api/spaces', { key });
    expect(spaces.json).toEqual([expect.objectContaining({ domain: 'sip.first.example', super: true })]);
  });

  test('the printed password logs in by DIGEST', async () => {
    const credentials = { username: 'admin', domain: 'sip.first.example', password: printed(server, 'password') ?? '' };
    expect((await askByDigest(server, credentials, '/api/accounts/me')).status).toBe(200);
  });

  test('answers pong to ping', async () => {
    const pong = await ask(server, '/api/ping');
    expect([pong.status, pong.text]).toEqual([200, 'pong']);
  });

  test('keeps everything in the one folder, for nobody else to read', async () => {
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const names = await readdir(folder, { recursive: true });
    expect(names).toEqual(expect.arrayContaining(['accounts.db', 'accounts.keys.db', 'bus.db', 'master.key', 'spaces.db', 'tokens.db']));
    const key = await stat(join(folder, 'master.key'));
    expect(key.mode & 0o077).toBe(0);
  });

  test('a second process on the folder is refused with a text that says so', async () => {
    const second = await runToEnd([], { folder });
    expect(second.code).toBe(1);
    expect(second.stderr).toContain(`${folder} is in use by another process`);
    expect(second.stderr).not.toMatch(/\n\s+at /);
    expect((await ask(server, '/api/ping')).status).toBe(200);
  });

  test('a second start finds everything, and prints no secret again', async () => {
    const key = printed(server, 'API key') ?? '';
    const password = printed(server, 'password') ?? '';
    const before = (await ask(server, '/api/accounts', { key })).json.data;
    expect(await server.stop()).toBe(0);
    server = await startServer({ folder, env: nothingChosen });
    expect(server.output()).not.toContain(key);
    expect(server.output()).not.toContain(password);
    expect(printed(server, 'API key')).toBeUndefined();
    expect((await ask(server, '/api/accounts', { key })).json.data).toEqual(before);
  });
});

describe('commands', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await temporaryFolder();
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('--help explains every variable and starts nothing', async () => {
    const help = await runToEnd(['--help'], { folder });
    expect(help.code).toBe(0);
    for (const name of ['--data-dir', '--port', '--tls-port', '--first-admin-api-key', '--max-body-bytes', '--log-level']) {
      expect(help.stdout).toContain(name);
    }
    expect(help.stdout).toContain('rebuild');
    expect(await readdir(folder)).toEqual([]);
  });

  test('names all faulty settings at once', async () => {
    const env = { PORT: 'many', LOG_LEVEL: 'shouting', ACCOUNT_PASSWORD_MIN_LENGTH: '0', FIRST_ADMIN_API_KEY: 'a-secret-of-nobody-0815' };
    const refused = await runToEnd([], { folder, env });
    expect(refused.code).toBe(2);
    for (const name of ['PORT', 'LOG_LEVEL', 'ACCOUNT_PASSWORD_MIN_LENGTH']) expect(refused.stderr).toContain(name);
    expect(refused.stderr).not.toContain('a-secret-of-nobody-0815');
    expect(refused.stderr).not.toMatch(/\n\s+at /);
    expect(await readdir(folder)).toEqual([]);
  });

  test('refuses another master key than the one that the folder was written with', async () => {
    const own = join(folder, 'keyed');
    await using first = await startServer({ folder: own });
    await first.stop();
    const other = await runToEnd([], { folder: own, env: { MASTER_KEY: 'another-master-key-of-at-least-32-characters' } });
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/master key/i);
    expect(other.stderr).not.toMatch(/\n\s+at /);
  });
});
