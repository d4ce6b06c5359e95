import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { request } from 'undici';
import { freePort } from '../tests/free-port.ts';

const root = join(import.meta.dirname, '..');
/** As scripts/launch.mjs sets it for `npm start`. */
const compileCache = process.env.NODE_COMPILE_CACHE ?? join(root, 'node_modules', '.cache', 'node-compile');

/** A process under measurement. */
export interface Running extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

export interface Server extends Running {
  readonly adminKey: string;
  /** Milliseconds from the start of the process to its first answer, and to the first answer with a credential. */
  readonly started: { readonly firstAnswer: number; readonly firstLogin: number };
  /** Where GET /metrics is. */
  readonly metricsUrl: string;
}

export const ADMIN = {
  username: 'admin',
  domain: 'sip.localhost',
  password: 'a-password-of-the-benchmarks',
  key: 'an-admin-key-of-the-benchmarks-000000001',
};

export const firstStartEnvironment = {
  FIRST_SPACE_DOMAIN: ADMIN.domain,
  FIRST_ADMIN_USERNAME: ADMIN.username,
  FIRST_ADMIN_PASSWORD: ADMIN.password,
  FIRST_ADMIN_API_KEY: ADMIN.key,
} as const;

export interface ServerOptions {
  readonly folder: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Further flags of node, e.g. `--cpu-prof`. */
  readonly flags?: readonly string[];
}

/** Flags for the process that serves, e.g. `BENCH_NODE_FLAGS="--cpu-prof --cpu-prof-dir=/tmp/prof"` to see what costs what. */
const flagsOfEnvironment = (): readonly string[] => (process.env.BENCH_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');

/**
 * A standalone with its defaults: TLS and metrics on, limits on. Only what it logs is reduced to warnings, which go to a file, as an
 * operator under load would have it.
 */
export const startServer = async ({ folder, env = {}, flags = flagsOfEnvironment() }: ServerOptions): Promise<Server> => {
  const [port, tlsPort, metricsPort] = await Promise.all([freePort(), freePort(), freePort()]);
  const output = openSync(`${folder}.log`, 'a');
  const begun = performance.now();
  const child = spawn(process.execPath, [...flags, 'services/standalone/src/main.ts'], {
    cwd: root,
    stdio: ['ignore', output, output],
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: compileCache,
      DATA_DIR: folder,
      PORT: String(port),
      TLS_PORT: String(tlsPort),
      METRICS_PORT: String(metricsPort),
      LOG_LEVEL: 'warn',
      ...firstStartEnvironment,
      ...env,
    },
  });
  closeSync(output);
  const url = `http://127.0.0.1:${port}`;
  const alive = () => {
    if (child.exitCode !== null) throw new Error(`the server ended with ${child.exitCode}: see ${folder}.log`);
  };
  await untilAnswered(`${url}/api/ping`, {}, alive);
  const firstAnswer = performance.now() - begun;
  await untilAnswered(`${url}/api/accounts/me`, { 'x-api-key': ADMIN.key }, alive);
  const firstLogin = performance.now() - begun;
  return {
    url,
    pid: child.pid ?? 0,
    adminKey: ADMIN.key,
    started: { firstAnswer, firstLogin },
    metricsUrl: `http://127.0.0.1:${metricsPort}/metrics`,
    [Symbol.asyncDispose]: () => end(child),
  };
};

/** The bare app; `account` is what its GET answers. */
export const startBaseline = async (account: object = {}): Promise<Running> => {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'baseline.ts'), JSON.stringify(account)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { url, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => end(child) };
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
};

const PATIENCE_MS = 60_000;

const untilAnswered = async (url: string, headers: Record<string, string>, alive: () => void): Promise<void> => {
  const begun = performance.now();
  for (;;) {
    alive();
    if (performance.now() - begun > PATIENCE_MS) throw new Error(`${url} does not answer with 200`);
    const answered = await request(url, { headers }).then(
      async ({ statusCode, body }) => {
        await body.dump();
        return statusCode === 200;
      },
      () => false,
    );
    if (answered) return;
    await pause(2);
  }
};

/** Resident memory of a process in MB (10^6 bytes). */
export const residentMemory = async ({ pid }: Running): Promise<number> => {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) * 1024) / 1e6;
};

/** How many events the slowest following projection is behind. */
export const projectionLag = async ({ metricsUrl }: Server): Promise<number> => {
  const text = await (await request(metricsUrl)).body.text();
  const lags = [...text.matchAll(/^flexistream_projection_lag\{[^}]*\} (\d+)/gm)].map(([, lag]) => Number(lag));
  if (lags.length === 0) throw new Error('the server tells no lag');
  return Math.max(...lags);
};
