import type { ServiceName } from '@flexistream/contracts';
import { systemClock } from '@flexistream/kernel';
import { deriveKey } from '@flexistream/key-store';
import { createLog, type Log, startMetrics, startTracing } from '@flexistream/observability';
import { readCommandLine } from './command-line.ts';
import { hostSettings } from './host-settings.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { InternalClient } from './internal/client.ts';
import type { IdentityTokens } from './internal/identity.ts';
import { openService } from './running-service.ts';
import type { AnyService, Ports } from './service.ts';
import { integerSetting, listSetting, nameSetting, type Settings, textSetting, type ValuesOf } from './settings.ts';

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
  INSTALLATION: nameSetting(
    'begins the databases, topics, groups and keys on the shared engines; several installations keep apart by it',
    'flexistream',
  ),
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

/** Imported only here, as all that lies between processes: one on embedded engines pays nothing for clients that it has no use for. */
const openShared = async (name: ServiceName, values: ProcessValues, log: Log): Promise<Infrastructure> => {
  const { openDistributed } = await import('./distributed-infrastructure.ts');
  return openDistributed({
    eventStoreUrl: values.EVENTSTORE_URL,
    kafkaBrokers: values.KAFKA_BROKERS,
    mongodbUrl: values.MONGODB_URL,
    redisUrl: values.REDIS_URL,
    installation: values.INSTALLATION,
    masterKey: values.MASTER_KEY,
    name,
    log,
  });
};

/** What a process of its own is made from, whatever it serves. */
export interface Surrounded<S extends Settings> {
  readonly values: ProcessValues & ValuesOf<S>;
  readonly infrastructure: Infrastructure;
  readonly tokens: IdentityTokens;
  readonly client: InternalClient;
  readonly log: Log;
}

/** Reads the settings, opens the engines, serves, and on SIGTERM or SIGINT stops what `serve` answered, then the engines. */
export const runProcess = async <S extends Settings>(
  name: ServiceName,
  settings: S,
  serve: (surrounded: Surrounded<S>) => Promise<() => Promise<void>>,
): Promise<void> => {
  try {
    const all = { ...processSettings, ...settings };
    const command = { serve: { usage: '', description: `runs ${name} as a process of its own` } };
    const values = readCommandLine(all, command, process.argv.slice(2), process.env).values as ProcessValues & ValuesOf<S>;
    refuseIncomplete(values);
    const log = createLog({ level: values.LOG_LEVEL, name });
    log.info(`${name} starts with process id ${process.pid}`);
    const stopTelemetry = await startTelemetry(values);
    const infrastructure = await openShared(name, values, log);
    const [{ IdentityTokens }, { InternalClient }] = await Promise.all([import('./internal/identity.ts'), import('./internal/client.ts')]);
    const tokens = new IdentityTokens(deriveKey(infrastructure.masterKey, 'internal identity'), name);
    const client = new InternalClient({ addresses: addressesOf(values), tokens });
    const stop = await serve({ values, infrastructure, tokens, client, log });
    onceStopped(log, async () => {
      await stop();
      await infrastructure.close();
      await client.close();
      await stopTelemetry();
    });
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
};

/** Stops once, whatever is signalled how often; the process ends by itself when nothing is left to do. */
export const onceStopped = (log: Log, stop: () => Promise<void>): void => {
  let stopping: Promise<void> | undefined;
  const begin = (signal: NodeJS.Signals): void => {
    if (stopping !== undefined) return;
    log.info({ signal }, 'stopping');
    stopping = stop().then(
      () => log.info('stopped'),
      (error: unknown) => {
        log.error({ error }, 'the stop was not clean');
        process.exitCode = 1;
      },
    );
  };
  process.on('SIGTERM', begin);
  process.on('SIGINT', begin);
};

/** Traces and metrics as far as they are switched on; answers what ends them. */
export const startTelemetry = async (
  values: Pick<ProcessValues, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_SERVICE_NAME' | 'METRICS_PORT' | 'HOST'>,
): Promise<() => Promise<void>> => {
  const stops: (() => Promise<void>)[] = [];
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint !== '') stops.push(await startTracing({ endpoint, service: values.OTEL_SERVICE_NAME }));
  if (values.METRICS_PORT !== 0) stops.push(await startMetrics({ host: values.HOST, port: values.METRICS_PORT }));
  return async () => {
    for (const stop of stops) await stop().catch(() => undefined); // a collector that is down makes no stop unclean
  };
};

export interface ServiceProcess<S extends Settings> {
  readonly name: ServiceName;
  readonly settings: S;
  readonly make: (ports: Ports, values: ValuesOf<S>) => AnyService;
}

/** One service as a process of its own: asked on its internal port, stopped after what it accepted. */
export const runServiceProcess = <S extends Settings>({ name, settings, make }: ServiceProcess<S>): Promise<void> =>
  runProcess(name, settings, async ({ values, infrastructure, tokens, client, log }) => {
    const definition = { name, make: (ports: Ports) => make(ports, values) };
    const running = await openService(definition, { infrastructure, ask: client.ask, clock: systemClock, log });
    let stopping = false;
    const { startInternalServer } = await import('./internal/server.ts');
    const server = await startInternalServer({
      service: running.service,
      tokens,
      log,
      host: values.HOST,
      port: values.INTERNAL_PORT,
      ready: () => !stopping,
    });
    log.info({ port: server.port }, 'serving');
    await running.activate();
    return async () => {
      stopping = true;
      await server.close();
      await running.stop();
    };
  });

const addressesOf = (values: ProcessValues): Readonly<Partial<Record<ServiceName, readonly string[]>>> => ({
  accounts: values.ACCOUNTS_URL,
  spaces: values.SPACES_URL,
  tokens: values.TOKENS_URL,
  notifications: values.NOTIFICATIONS_URL,
  statistics: values.STATISTICS_URL,
});
