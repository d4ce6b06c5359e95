import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@flexistream/contracts';
import { ask } from '../client.ts';
import { freePort } from '../free-port.ts';
import { environment, holds, type ServerOptions, type ServerProcess, temporaryFolder } from '../server-process.ts';
import { type ServiceChild, serviceChild } from './service-child.ts';
import { type Ours, storedInEventStore, storedInMongoDb, storedInRedis, storedOnKafka } from './stored.ts';

export interface SplitOptions extends Pick<ServerOptions, 'folder' | 'env' | 'tls' | 'metrics'> {
  /** How many processes; default one each. */
  readonly gateways?: number;
  readonly accounts?: number;
  readonly statistics?: number;
}

/** An installation of split processes on the engines of the environment; `url` is that of the first gateway. */
export interface Split extends ServerProcess {
  readonly children: readonly ServiceChild[];
  readonly gateways: readonly ServiceChild[];
  /** Begins the name of everything that it has on the engines. */
  readonly installation: string;
  instance(name: ServiceName, index?: number): ServiceChild;
}

export const engines = ['EVENTSTORE_URL', 'KAFKA_BROKERS', 'MONGODB_URL', 'REDIS_URL'] as const;

/** The engines that no address is known of: without all four a service's own process does not start. */
export const missingEngines = (): readonly string[] => engines.filter((name) => !process.env[name]);

const services = ['accounts', 'spaces', 'tokens', 'notifications', 'statistics'] as const;

const FIRST_START_WITHIN_MS = 20_000;

/**
 * Starts all of them and waits until the first admin's key opens a door. What stands on the engines is named after the folder, as the
 * data of a standalone server lies in it: the same folder is the same installation.
 */
export const startSplit = async (options: SplitOptions = {}): Promise<Split> => {
  const folder = options.folder ?? (await temporaryFolder());
  const children = await childrenOf(folder, options);
  const gateways = children.filter(({ name }) => name === 'gateway');
  const [first] = gateways;
  if (first === undefined) throw new Error('an installation has a gateway');
  const adminKey = environment(folder, options.env).FIRST_ADMIN_API_KEY ?? '';
  const output = (): string => children.map((child) => child.output()).join('');
  const killAll = async (): Promise<void> => void (await Promise.all(children.map((child) => child.kill())));
  try {
    await Promise.all(children.map((child) => child.start()));
    await untilAdmitted(first.url, adminKey, output);
  } catch (error) {
    await killAll();
    throw error;
  }
  return {
    kind: 'split',
    url: first.url,
    tlsUrl: first.tlsUrl,
    pid: 0,
    folder,
    adminKey,
    output,
    metricsUrls: children.flatMap(({ metricsUrl }) => metricsUrl ?? []),
    keeps: (text) => keptWith(installationOf(folder), text),
    children,
    gateways,
    installation: installationOf(folder),
    instance: (name, index = 0) => {
      const found = children.filter((child) => child.name === name)[index];
      if (found === undefined) throw new Error(`there is no instance ${index} of ${name}`);
      return found;
    },
    kill: killAll,
    stop: async () => {
      const codes = await Promise.all(gateways.map((child) => child.stop()));
      codes.push(...(await Promise.all(children.filter(({ name }) => name !== 'gateway').map((child) => child.stop()))));
      return codes.find((code) => code !== 0) ?? 0;
    },
    [Symbol.asyncDispose]: async () => {
      await killAll();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
};

const installationOf = (folder: string): string => `t${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;

const childrenOf = async (folder: string, { env = {}, tls = false, metrics = false, ...counts }: SplitOptions): Promise<ServiceChild[]> => {
  const ports = new Map<ServiceName, readonly number[]>();
  const { gateways = 1 } = counts;
  for (const name of services) ports.set(name, await freePorts(name === 'accounts' || name === 'statistics' ? (counts[name] ?? 1) : 1));
  const addresses = Object.fromEntries(
    services.map((name) => [`${name.toUpperCase()}_URL`, (ports.get(name) ?? []).map((port) => `http://127.0.0.1:${port}`).join(',')]),
  );
  const shared = {
    ...Object.fromEntries(engines.map((name) => [name, process.env[name]])),
    ...addresses,
    NODE_COMPILE_CACHE: join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'node-compile'),
    INSTALLATION: installationOf(folder),
    MASTER_KEY: createHash('sha256')
      .update(`master key of ${basename(folder)}`)
      .digest('hex'),
    ...env,
  };
  const of = async (name: ServiceName, port: number, withTls = false): Promise<ServiceChild> => {
    const [tlsPort, metricsPort] = [withTls ? await freePort() : undefined, metrics ? await freePort() : undefined];
    return serviceChild({ name, port, tlsPort, metricsPort, env: environment(folder, shared) });
  };
  const children: ServiceChild[] = [];
  for (const name of services) for (const port of ports.get(name) ?? []) children.push(await of(name, port));
  for (const port of await freePorts(gateways)) children.push(await of('gateway', port, tls));
  return children;
};

const keptWith = async (installation: string, text: string): Promise<string[]> => {
  const ours: Ours = (name) => name.startsWith(installation);
  const stored = await Promise.all([storedOnKafka(ours), storedInEventStore(ours), storedInMongoDb(ours), storedInRedis(ours)]);
  return stored.flat().flatMap(({ engine, where, bytes }) => (holds(bytes, text) ? [`${engine}: ${where}`] : []));
};

const freePorts = (count: number): Promise<number[]> => Promise.all(Array.from({ length: count }, freePort));

/** The gateway makes the first admin once all services can be asked. */
const untilAdmitted = async (url: string, key: string, output: () => string): Promise<void> => {
  for (const deadline = Date.now() + FIRST_START_WITHIN_MS; ; await pause(100)) {
    const { status } = await ask({ url }, '/api/accounts/me', { key });
    if (status === 200) return;
    if (Date.now() > deadline) throw new Error(`the first admin is not let in (${status}):\n${output()}`);
  }
};
