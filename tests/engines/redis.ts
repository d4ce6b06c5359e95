import { connect } from 'node:net';
import { freePort } from '../free-port.ts';
import { startChild } from './child.ts';
import { type Engine, givenEngine, missingEngine, ownEngine } from './engine.ts';
import { outputOf } from './programs.ts';

const NAME = 'Redis';

/** `REDIS_URL`, or a server of our own. */
export const startRedis = async (): Promise<Engine> => {
  const { REDIS_URL } = process.env;
  return REDIS_URL ? givenEngine(NAME, 'as given', { REDIS_URL }) : startOwnRedis();
};

/** Debian's, installed where that is possible. */
export const startOwnRedis = async (): Promise<Engine> => {
  const version = await installedRedis();
  if (version === undefined) return missingEngine(NAME, 'no redis-server in PATH, and apt-get could not install it');
  const port = await freePort();
  const child = await startChild('redis-server', (folder) => [
    ...['--bind', '127.0.0.1', '--port', `${port}`, '--dir', folder],
    ...['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  ]);
  const serves = async () => {
    await child.line(/Ready to accept connections/);
    await answers(port);
  };
  const env = { REDIS_URL: `redis://127.0.0.1:${port}` };
  return ownEngine(child, serves, { name: NAME, version, kind: 'real', why: 'redis-server of this machine', env });
};

/** Its version; undefined when there is none and none can be installed. Installed once, whoever asks. */
export const installedRedis = async (): Promise<string | undefined> => {
  const there = await versionOfServer();
  if (there !== undefined) return there;
  installing ??= install();
  return installing;
};

let installing: Promise<string | undefined> | undefined;

const versionOfServer = async (): Promise<string | undefined> => (await outputOf('redis-server', ['--version']))?.match(/v=(\S+)/)?.[1];

const install = async (): Promise<string | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  await outputOf('apt-get', ['update']);
  await outputOf('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server']);
  return versionOfServer();
};

const answers = (port: number): Promise<void> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket = connect(port, '127.0.0.1').once('error', reject);
  socket.once('data', () => {
    socket.destroy();
    resolve();
  });
  socket.write('PING\r\n');
  return promise;
};
