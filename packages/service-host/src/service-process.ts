import type { ServiceName } from '@flexistream/contracts';
import { systemClock } from '@flexistream/kernel';
import { deriveKey, loadMasterKey } from '@flexistream/key-store';
import { createLog, type Log } from '@flexistream/observability';
import { readCommandLine } from './command-line.ts';
import { hostSettings } from './host-settings.ts';
import type { Infrastructure } from './infrastructure.ts';
import { InternalClient } from './internal/client.ts';
import { IdentityTokens } from './internal/identity.ts';
import { startInternalServer } from './internal/server.ts';
import { openService } from './running-service.ts';
import type { AnyService, Ports } from './service.ts';
import { integerSetting, listSetting, type Settings, textSetting, type ValuesOf } from './settings.ts';

/** Where a service's own process listens and finds the others and its engines (design §13). */
export const processSettings = {
  ...hostSettings,
  HOST: textSetting('address on which it listens', '127.0.0.1'),
  INTERNAL_PORT: integerSetting('port of its routes for the gateway and of its internal calls; never public', 9090, 0, 65_535),
  ACCOUNTS_URL: listSetting('base addresses of accounts, several instances by commas'),
  SPACES_URL: listSetting('base addresses of spaces'),
  TOKENS_URL: listSetting('base addresses of tokens'),
  NOTIFICATIONS_URL: listSetting('base addresses of notifications'),
  STATISTICS_URL: listSetting('base addresses of statistics'),
  EVENTSTORE_URL: textSetting('connection string of EventStoreDB'),
  KAFKA_BROKERS: listSetting('brokers of Kafka'),
  MONGODB_URL: textSetting('connection string of MongoDB'),
  REDIS_URL: textSetting('connection string of Redis'),
} as const;
export type ProcessValues = ValuesOf<typeof processSettings>;

/** Engines that other processes share; a service's own process cannot do with embedded ones. */
const shared = ['EVENTSTORE_URL', 'KAFKA_BROKERS', 'MONGODB_URL', 'REDIS_URL'] as const;

export class ProcessIncomplete extends Error {
  readonly code = 'service-host/process-incomplete';
}

/** @throws ProcessIncomplete naming everything that a process of its own lacks. */
export const refuseIncomplete = (values: ProcessValues): void => {
  const missing = [...shared, 'MASTER_KEY' as const].filter((name) => values[name].length === 0);
  if (missing.length > 0) {
    throw new ProcessIncomplete(
      `a service's own process needs ${missing.join(', ')}; npm start serves everything in one process without them`,
    );
  }
};

/** The adapters of shared engines; a build without them says so instead of starting on something else. */
export type OpenDistributed = (values: ProcessValues) => Promise<Infrastructure>;
const noDistributedAdapters: OpenDistributed = async () => {
  throw new ProcessIncomplete('this release has no adapters for EventStoreDB, Kafka, MongoDB and Redis yet: use npm start');
};

export interface ServiceProcess<S extends Settings> {
  readonly name: ServiceName;
  readonly settings: S;
  readonly make: (ports: Ports, values: ValuesOf<S>) => AnyService;
}

/** One service as a process of its own: asked on its internal port, stopped by SIGTERM after what it accepted. */
export const runServiceProcess = async <S extends Settings>(
  { name, settings, make }: ServiceProcess<S>,
  openDistributed: OpenDistributed = noDistributedAdapters,
): Promise<void> => {
  try {
    const all = { ...processSettings, ...settings };
    const command = { serve: { usage: '', description: `runs ${name} as a process of its own` } };
    const values = readCommandLine(all, command, process.argv.slice(2), process.env).values as ProcessValues & ValuesOf<S>;
    refuseIncomplete(values);
    const log = createLog({ level: values.LOG_LEVEL, name });
    log.info(`${name} starts with process id ${process.pid}`);
    await serve({ name, make: (ports) => make(ports, values) }, values, await openDistributed(values), log);
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
};

const serve = async (
  definition: { name: ServiceName; make: (ports: Ports) => AnyService },
  values: ProcessValues,
  infrastructure: Infrastructure,
  log: Log,
): Promise<void> => {
  const masterKey = await loadMasterKey({ text: values.MASTER_KEY });
  const tokens = new IdentityTokens(deriveKey(masterKey, 'internal identity'), definition.name);
  const client = new InternalClient({ addresses: addressesOf(values), tokens });
  const running = await openService(definition, { infrastructure, ask: client.ask, clock: systemClock, log });
  let stopping = false;
  const server = await startInternalServer({
    service: running.service,
    tokens,
    log,
    host: values.HOST,
    port: values.INTERNAL_PORT,
    ready: () => !stopping,
  });
  await running.activate();
  log.info({ port: server.port }, 'serving');
  const stop = async (): Promise<void> => {
    if (stopping) return;
    stopping = true;
    await server.close();
    await running.stop();
    await infrastructure.close();
    await client.close();
    log.info('stopped');
  };
  process.on('SIGTERM', () => void stop());
  process.on('SIGINT', () => void stop());
};

export const addressesOf = (values: ProcessValues): Readonly<Partial<Record<ServiceName, readonly string[]>>> => ({
  accounts: values.ACCOUNTS_URL,
  spaces: values.SPACES_URL,
  tokens: values.TOKENS_URL,
  notifications: values.NOTIFICATIONS_URL,
  statistics: values.STATISTICS_URL,
});
