import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { freePort } from './free-port.ts';

/** A standalone server in a process of its own, as an operator runs it; or what answers in its place (`serveBy`). */
export interface ServerProcess {
  /** A restart of split processes leaves what Redis keeps: counters and nonces live on. */
  readonly kind: 'standalone' | 'split';
  readonly url: string;
  /** HTTPS with ALPN; undefined when TLS_PORT is 0. */
  readonly tlsUrl: string | undefined;
  readonly pid: number;
  readonly folder: string;
  readonly adminKey: string;
  /** Where each process shows its metrics, when `metrics` asked for them. */
  readonly metricsUrls: readonly string[];
  /** In what it keeps, files or what is on engines, a text stands: in any case, as UTF-8 or as bytes in hex. */
  keeps(text: string): Promise<readonly string[]>;
  /** Everything that it printed so far, on stdout and stderr. */
  readonly output: () => string;
  /** kill -9: nothing is finished, nothing is flushed. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code once everything is printed. */
  stop(): Promise<number | null>;
  /** Ends it at once, and removes the folder that was made for it. */
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ServerOptions {
  readonly folder?: string;
  /** Undefined takes a variable away that is set otherwise. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Another entry point, e.g. a build that breaks a promise on purpose. */
  readonly entry?: string;
  /** HTTPS on a port that was free a moment ago. */
  readonly tls?: boolean;
  /** Metrics on a port of each process. */
  readonly metrics?: boolean;
}

export const ADMIN_KEY = 'an-admin-key-that-only-the-tests-know-0001';
export const ADMIN_PASSWORD = 'a-password-that-only-the-tests-know';

const root = join(import.meta.dirname, '..');
const STANDALONE = 'services/standalone/src/main.ts';

export const temporaryFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'flexistream-'));

/** Of every process that a test starts. */
export const environment = (folder: string, env: ServerOptions['env']) => ({
  PATH: process.env.PATH,
  DATA_DIR: folder,
  PORT: '0',
  TLS_PORT: '0',
  METRICS_PORT: '0',
  RATE_LIMIT_PER_MINUTE: '0',
  FIRST_ADMIN_PASSWORD: ADMIN_PASSWORD,
  FIRST_ADMIN_API_KEY: ADMIN_KEY,
  ...env,
});

type Start = (options?: ServerOptions) => Promise<ServerProcess>;

let start: Start = (options) => startStandalone(options);
let kind: ServerProcess['kind'] = 'standalone';

/** What `startServer` starts: some cases are of one kind only. */
export const servedKind = (): ServerProcess['kind'] => kind;

/** Starts what the suites ask: a standalone server, unless told otherwise. A given folder is kept, a made one is removed at the end. */
export const startServer: Start = (options) => start(options);

/** From now on suites of this file ask something else: the same cases hold for split processes. */
export const serveBy = (other: Start): void => {
  start = other;
  kind = 'split';
};

/** Starts it and waits until it serves. Ports are chosen by the system. */
export const startStandalone = async ({
  folder,
  env = {},
  entry = STANDALONE,
  tls = false,
  metrics = false,
}: ServerOptions = {}): Promise<ServerProcess> => {
  const data = folder ?? (await temporaryFolder());
  const tlsPort = tls ? { TLS_PORT: String(await freePort()) } : {};
  const metricsPort = metrics ? await freePort() : 0;
  const child = spawn(process.execPath, [entry], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(data, { ...tlsPort, METRICS_PORT: String(metricsPort), ...env }),
  });
  const closed = once(child, 'close') as Promise<[number | null]>;
  const printed: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
  const serving = await untilServing(child, printed);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child.kill(signal);
    return (await closed)[0];
  };
  return {
    ...serving,
    kind: 'standalone',
    pid: child.pid ?? 0,
    folder: data,
    adminKey: env.FIRST_ADMIN_API_KEY ?? ADMIN_KEY,
    metricsUrls: metrics ? [`http://127.0.0.1:${metricsPort}`] : [],
    keeps: (text) => filesWith(data, text),
    output: () => printed.join(''),
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode === null && child.signalCode === null) await end('SIGKILL');
      if (folder === undefined) await rm(data, { recursive: true, force: true });
    },
  };
};

const filesWith = async (folder: string, text: string): Promise<string[]> => {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const found = await Promise.all(files.map(async (file) => (holds(await readFile(file), text) ? [file] : [])));
  return found.flat();
};

/** In any case; a digest also as bytes. */
export const holds = (content: Buffer, text: string): boolean => {
  const bytes = content.toString('latin1').toLowerCase();
  const wanted = Buffer.from(text.toLowerCase()).toString('latin1');
  const raw = /^[0-9a-f]{32,64}$/.test(text) ? Buffer.from(text, 'hex').toString('latin1').toLowerCase() : wanted;
  return bytes.includes(wanted) || bytes.includes(raw);
};

const untilServing = (child: ChildProcess, printed: string[]): Promise<{ url: string; tlsUrl: string | undefined }> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error('stdout is not piped');
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(`${line}\n`);
      if (!line.includes('"msg":"serving"')) return;
      const { http, https } = JSON.parse(line) as { http: string; https?: string };
      resolve({ url: http, tlsUrl: https });
    });
    child.once('exit', (code) => reject(new Error(`the server ended with ${code} before it served:\n${printed.join('')}`)));
  });

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of standalone that ends by itself: a refusal, `--help`, `rebuild`; or is killed, serving or not, after a time. */
export const runToEnd = async (
  args: readonly string[],
  { folder, env = {}, entry = STANDALONE, killAfterMs }: ServerOptions & { readonly folder: string; readonly killAfterMs?: number },
): Promise<Ended> => {
  const child = spawn(process.execPath, [entry, ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(folder, env),
  });
  if (killAfterMs !== undefined) setTimeout(() => child.kill('SIGKILL'), killAfterMs);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
};
