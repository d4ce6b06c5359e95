import type { ServiceName } from '@flexistream/contracts';
import { systemClock } from '@flexistream/kernel';
import { deriveKey } from '@flexistream/key-store';
import { createLog, type Log, startMetrics, startTracing } from '@flexistream/observability';
import { type CommandLine, readCommandLine, type Subcommand } from './command-line.ts';
import { hostSettings } from './host-settings.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { InternalClient } from './internal/client.ts';
import type { IdentityTokens } from './internal/identity.ts';
import { onceReachable } from './once-reachable.ts';
import { type OperatorCommand, operatorCommands } from './operator-commands.ts';
import { holdService, showLife } from './presence.ts';
import { progressLines } from './progress-lines.ts';
import { type Definition, openService, type RunningService } from './running-service.ts';
import type { AnyService, Ports } from './service.ts';
import { integerSetting, listSetting, nameSetting, type Settings, SettingsFaulty, textSetting, type ValuesOf } from './settings.ts';

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
  commands: Readonly<Record<string, ProcessCommand<S>>> = {},
): Promise<void> => {
  try {
    const all = { ...processSettings, ...settings };
    const known = { serve: { usage: '', description: `runs ${name} as a process of its own (the default)` }, ...commands };
    const line = readCommandLine(all, known, process.argv.slice(2), process.env, 'node main.mjs');
    const values = line.values as ProcessValues & ValuesOf<S>;
    refuseIncomplete(values);
    const log = createLog({ level: values.LOG_LEVEL, name });
    const command = commands[line.command];
    if (command === undefined) await serveUntilStopped(name, values, log, serve);
    else await runCommand(name, values, log, (surrounded) => command.run(surrounded, line));
  } catch (error) {
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(error instanceof SettingsFaulty ? 2 : 1);
  }
};

/** A command that ends by itself. */
export interface ProcessCommand<S extends Settings> extends Subcommand {
  readonly run: (surrounded: Surrounded<S>, line: Pick<CommandLine<S>, 'args' | 'options'>) => Promise<void>;
}

const serveUntilStopped = async <S extends Settings>(
  name: ServiceName,
  values: ProcessValues & ValuesOf<S>,
  log: Log,
  serve: (surrounded: Surrounded<S>) => Promise<() => Promise<void>>,
): Promise<void> => {
  log.info(`${name} starts with process id ${process.pid}`);
  const started = endWhileStarting(log);
  const stopTelemetry = await startTelemetry(values);
  const surrounded = await surround(name, values, log);
  const stop = await serve(surrounded);
  started();
  onceStopped(log, async () => {
    await stop();
    await surrounded.infrastructure.close();
    await surrounded.client.close();
    await stopTelemetry();
  });
};

/** Without telemetry: its port belongs to the process that serves. */
const runCommand = async <S extends Settings>(
  name: ServiceName,
  values: ProcessValues & ValuesOf<S>,
  log: Log,
  run: (surrounded: Surrounded<S>) => Promise<void>,
): Promise<void> => {
  const surrounded = await surround(name, values, log);
  try {
    await run(surrounded);
  } finally {
    await surrounded.infrastructure.close();
    await surrounded.client.close();
  }
};

const surround = async <S extends Settings>(name: ServiceName, values: ProcessValues & ValuesOf<S>, log: Log): Promise<Surrounded<S>> => {
  const infrastructure = await openShared(name, values, log);
  const [{ IdentityTokens }, { InternalClient }] = await Promise.all([import('./internal/identity.ts'), import('./internal/client.ts')]);
  const tokens = new IdentityTokens(deriveKey(infrastructure.masterKey, 'internal identity'), name);
  return { values, infrastructure, tokens, client: new InternalClient({ addresses: addressesOf(values), tokens }), log };
};

/** Nothing was accepted yet, so there is nothing to finish. Answers what ends this once it serves. */
const endWhileStarting = (log: Log): (() => void) => {
  const end = (signal: NodeJS.Signals): void => {
    log.info({ signal }, 'stopped before it served');
    process.exit(0);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  return () => {
    process.off('SIGTERM', end);
    process.off('SIGINT', end);
  };
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

/** One service as a process of its own: asked on its internal port, stopped after what it accepted; and the operator's commands on it. */
export const runServiceProcess = <S extends Settings>({ name, settings, make }: ServiceProcess<S>): Promise<void> => {
  const definitionOf = (values: ValuesOf<S>) => ({ name, make: (ports: Ports) => make(ports, values) });
  const commands = Object.entries(operatorCommands('')).map(([command, { opening, run, ...shown }]): [string, ProcessCommand<S>] => [
    command,
    { ...shown, run: (surrounded, line) => runOn(definitionOf(surrounded.values), surrounded, { opening, run, ...shown }, line) },
  ]);
  return runProcess(
    name,
    settings,
    (surrounded) => serveService(definitionOf(surrounded.values), surrounded),
    Object.fromEntries(commands),
  );
};

/** It listens at once: alive, but not ready, and 503 to whoever asks, until its engines are there and its documents stand. */
const serveService = async <S extends Settings>(
  definition: Definition,
  { values, infrastructure, tokens, client, log }: Surrounded<S>,
): Promise<() => Promise<void>> => {
  const { name } = definition;
  let running: RunningService | undefined;
  let stopping = false;
  const { startInternalServer } = await import('./internal/server.ts');
  const server = await startInternalServer({
    service: () => running?.service,
    tokens,
    log,
    host: values.HOST,
    port: values.INTERNAL_PORT,
    ready: () => running !== undefined && !stopping,
  });
  const life = await onceReachable(() => showLife(name, infrastructure.ephemeral, log), log);
  running = await onceReachable(() => openService(definition, { infrastructure, ask: client.ask, clock: systemClock, log }), log);
  log.info({ port: server.port }, 'serving');
  await running.activate();
  return async () => {
    stopping = true;
    await server.close();
    await running?.stop();
    life.stop();
  };
};

/** Opens the service as the command needs it. With an engine away it fails: an operator is there to see it. */
const runOn = async <S extends Settings>(
  definition: Definition,
  { infrastructure, client, log }: Surrounded<S>,
  { opening, run }: OperatorCommand,
  { args, options }: Pick<CommandLine<S>, 'args' | 'options'>,
): Promise<void> => {
  const { name } = definition;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const how = opening(args);
  await using _held = how === 'alone' ? await holdService(name, infrastructure.ephemeral, log, say) : undefined;
  const service = await openService(definition, {
    infrastructure,
    ask: client.ask,
    clock: systemClock,
    log,
    atRest: how !== 'at work',
  });
  try {
    if (how === 'at work') await service.activate();
    const running = new Map([[name, service]]);
    await run({ running, bus: infrastructure.bus, args, options, say, onProgress: progressLines(say) });
  } finally {
    await service.stop();
  }
};

const addressesOf = (values: ProcessValues): Readonly<Partial<Record<ServiceName, readonly string[]>>> => ({
  accounts: values.ACCOUNTS_URL,
  spaces: values.SPACES_URL,
  tokens: values.TOKENS_URL,
  notifications: values.NOTIFICATIONS_URL,
  statistics: values.STATISTICS_URL,
});
