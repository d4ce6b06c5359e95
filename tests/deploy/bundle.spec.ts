import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startServer } from '../server-process.ts';

const script = join(import.meta.dirname, '..', '..', 'scripts', 'bundle.mjs');
const run = promisify(execFile);
const services = ['gateway', 'accounts', 'spaces', 'tokens', 'notifications', 'statistics'];

/** Far from the repository, so that nothing is found in its node_modules. */
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-bundles-'));
  execFileSync(process.execPath, [script, '--out', join(folder, 'dist')]);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

const entry = (name: string, file = 'main.mjs'): string => join(folder, 'dist', name, file);

/** Runs one to its end; what has not ended after a few seconds has failed. */
const exitOf = (
  name: string,
  file: string,
  env: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<{ code: unknown; stderr: string }> =>
  run(process.execPath, [entry(name, file), ...args], {
    env: { PATH: process.env.PATH, ...env },
    cwd: folder,
    timeout: 15_000,
    killSignal: 'SIGKILL',
  }).then(
    ({ stderr }) => ({ code: 0, stderr }),
    (error: { code: unknown; stderr: string }) => ({ code: error.code, stderr: error.stderr }),
  );

/** Nothing listens there for an ordinary user's process. */
const nowhere = '127.0.0.1:1';

const hashes = async (of: string): Promise<Record<string, string>> => {
  const files = (await readdir(of)).sort();
  const hashed = files.map(async (file) => [
    file,
    createHash('sha256')
      .update(await readFile(join(of, file)))
      .digest('hex'),
  ]);
  return Object.fromEntries(await Promise.all(hashed));
};

describe('the bundle of standalone, as its image runs it', () => {
  test('is healthy, answers a ping and a login, reads phone numbers, and ends with 0', async () => {
    await using server = await startServer({ entry: entry('standalone'), tls: true, env: { ACCOUNT_PHONE_COUNTRIES: '*' } });
    const { port } = new URL(server.url);
    expect((await exitOf('standalone', 'health.mjs', { PORT: port })).code).toBe(0);
    expect(await (await fetch(`${server.url}/api/ping`)).text()).toBe('pong');
    const headers = { 'x-api-key': server.adminKey, 'content-type': 'application/json' };
    expect(await (await fetch(`${server.url}/api/accounts/me`, { headers })).json()).toMatchObject({ username: 'admin', admin: true });
    const body = JSON.stringify({ username: 'alice1', password: 's3cret!', algorithm: 'SHA-256', phone: '+33612121212' });
    const created = await fetch(`${server.url}/api/accounts`, { method: 'POST', headers, body });
    expect(await created.json()).toMatchObject({ username: 'alice1', phone: '+33612121212' });
    expect(await server.stop()).toBe(0);
    expect((await exitOf('standalone', 'health.mjs', { PORT: port })).code).toBe(1);
  });
});

describe.each(services)('the bundle of %s', (name) => {
  test('refuses to start without its engines and names all of them', async () => {
    const { code, stderr } = await exitOf(name, 'main.mjs', {});
    expect(code).toBe(1);
    expect(stderr).toBe(
      `${name}: a service's own process needs EVENTSTORE_URL, KAFKA_BROKERS, MONGODB_URL, REDIS_URL, MASTER_KEY; npm start serves everything in one process without them\n`,
    );
  });

  test('is not healthy where nothing runs', async () => {
    expect((await exitOf(name, 'health.mjs', { PORT: '1', INTERNAL_PORT: '1' })).code).toBe(1);
  });
});

test('the bundle of a service has the adapters of the engines in it: it gets as far as asking them', async () => {
  const engines = {
    EVENTSTORE_URL: `esdb://${nowhere}?tls=false`,
    KAFKA_BROKERS: nowhere,
    MONGODB_URL: `mongodb://${nowhere}/?serverSelectionTimeoutMS=100`,
    REDIS_URL: `redis://${nowhere}`,
  };
  const env = { ...engines, MASTER_KEY: 'a master key for this specification only', METRICS_PORT: '0', INTERNAL_PORT: '0' };
  expect(await exitOf('tokens', 'main.mjs', env, 'rebuild')).toEqual({ code: 1, stderr: 'tokens: Redis does not answer\n' });
  expect(await exitOf('tokens', 'main.mjs', env, 'parked')).toEqual({ code: 1, stderr: 'tokens: MongoDB does not answer\n' });
});

describe('a bundle', () => {
  test('is the same when it is made again', async () => {
    execFileSync(process.execPath, [script, '--out', join(folder, 'again'), 'standalone']);
    expect(await hashes(join(folder, 'again', 'standalone'))).toEqual(await hashes(join(folder, 'dist', 'standalone')));
  });

  test('brings the licences of what is in it', async () => {
    const texts = await readFile(entry('accounts', 'THIRD-PARTY.txt'), 'utf8');
    expect(texts).toMatch(/^== zod \d+\.\d+\.\d+ \(MIT\)$/m);
    expect(texts).toMatch(/^== mongodb \d+\.\d+\.\d+ \(Apache-2.0\)$/m);
  });
});
