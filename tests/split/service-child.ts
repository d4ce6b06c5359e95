import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ServiceName } from '@flexistream/contracts';
import { type Ended, runToEnd } from '../server-process.ts';

const root = join(import.meta.dirname, '..', '..');

/** One process of an installation, which may be killed and started again at the same address. */
export interface ServiceChild {
  readonly name: ServiceName;
  /** Plain HTTP: the gateway's door, or the internal port of a service. */
  readonly url: string;
  readonly tlsUrl: string | undefined;
  readonly metricsUrl: string | undefined;
  readonly output: () => string;
  readonly pid: () => number;
  /** Resolves when it serves. @throws when it ends before, with what it printed. */
  start(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
  /** Runs a command of the same process, beside or instead of it, to its end. */
  run(...args: string[]): Promise<Ended>;
  /** What it was told by variables. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** SIGSTOP and SIGCONT: it is there, and silent. */
  freeze(): void;
  thaw(): void;
}

export interface ServiceChildOptions {
  readonly name: ServiceName;
  readonly port: number;
  readonly tlsPort?: number | undefined;
  readonly metricsPort?: number | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export const serviceChild = ({ name, port, tlsPort, metricsPort, env }: ServiceChildOptions): ServiceChild => {
  const printed: string[] = [];
  let child: ChildProcess | undefined;
  let closed: Promise<number | null> = Promise.resolve(null);
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    child?.kill(signal);
    return closed;
  };
  const entry = `services/${name}/src/main.ts`;
  return {
    name,
    env,
    run: (...args) => runToEnd(args, { folder: env.DATA_DIR ?? '', env, entry }),
    url: `http://127.0.0.1:${port}`,
    tlsUrl: tlsPort === undefined ? undefined : `https://127.0.0.1:${tlsPort}`,
    metricsUrl: metricsPort === undefined ? undefined : `http://127.0.0.1:${metricsPort}`,
    output: () => printed.join(''),
    pid: () => child?.pid ?? 0,
    start: async () => {
      const started = spawn(process.execPath, ['--no-warnings', entry], {
        cwd: root,
        stdio: ['ignore', 'pipe', 'pipe'],
        env: {
          ...env,
          [name === 'gateway' ? 'PORT' : 'INTERNAL_PORT']: String(port),
          TLS_PORT: String(tlsPort ?? 0),
          METRICS_PORT: String(metricsPort ?? 0),
        },
      });
      child = started;
      closed = once(started, 'close').then(([code]) => code as number | null);
      await untilServing(started, printed);
    },
    kill: async () => void (await end('SIGKILL')),
    stop: () => end('SIGTERM'),
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
};

const untilServing = (child: ChildProcess, printed: string[]): Promise<void> =>
  new Promise((resolve, reject) => {
    if (child.stdout === null || child.stderr === null) throw new Error('its output is not piped');
    child.stderr.on('data', (chunk: Buffer) => printed.push(chunk.toString()));
    createInterface({ input: child.stdout }).on('line', (line) => {
      printed.push(`${line}\n`);
      if (line.includes('"msg":"serving"')) resolve();
    });
    child.once('exit', (code) => reject(new Error(`it ended with ${code} before it served:\n${printed.join('')}`)));
  });
