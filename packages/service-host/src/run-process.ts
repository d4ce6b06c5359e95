import type { ServiceName } from '@flexistream/contracts';
import { deriveKey } from '@flexistream/key-store';
import { createLog, type Log, startMetrics, startTracing } from '@flexistream/observability';
import { type CommandLine, readCommandLine, type Subcommand } from './command-line.ts';
import type { Infrastructure } from './infrastructure.ts';
import type { InternalClient } from './internal/client.ts';
import type { IdentityTokens } from './internal/identity.ts';
import { addressesOf, type ProcessValues, processSettings, refuseIncomplete } from './process-settings.ts';
import { type Settings, SettingsFaulty, type ValuesOf } from './settings.ts';

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

/** Answers what stops it; calls `accepting` before it accepts anything if it has more to start after that. */
export type Serve<S extends Settings> = (surrounded: Surrounded<S>, accepting: () => void) => Promise<() => Promise<void>>;

/** Reads the settings, opens the engines, serves, and on SIGTERM or SIGINT stops what `serve` answered, then the engines. */
export const runProcess = async <S extends Settings>(
  name: ServiceName,
  settings: S,
  serve: Serve<S>,
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
  serve: Serve<S>,
): Promise<void> => {
  log.info(`${name} starts with process id ${process.pid}`);
  const start = signalsWhileStarting(log);
  const stopTelemetry = await startTelemetry(name, values);
  const surrounded = await surround(name, values, log);
  const stop = await serve(surrounded, start.accepting);
  onceStopped(log, async () => {
    await stop();
    await surrounded.infrastructure.close();
    await surrounded.client.close();
    await stopTelemetry();
  });
  start.over();
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

/** Until something is accepted there is nothing to finish, so a signal ends it; from then to the end of the start it is kept for `onceStopped`. */
const signalsWhileStarting = (log: Log): { accepting(): void; over(): void } => {
  let accepts = false;
  let kept: NodeJS.Signals | undefined;
  const hear = (signal: NodeJS.Signals): void => {
    if (accepts) {
      kept = signal;
      return;
    }
    log.info({ signal }, 'stopped before it served');
    process.exit(0);
  };
  process.on('SIGTERM', hear);
  process.on('SIGINT', hear);
  return {
    accepting: () => {
      accepts = true;
    },
    over: () => {
      process.off('SIGTERM', hear);
      process.off('SIGINT', hear);
      if (kept !== undefined) process.kill(process.pid, kept);
    },
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
  name: string,
  values: Pick<ProcessValues, 'OTEL_EXPORTER_OTLP_ENDPOINT' | 'OTEL_SERVICE_NAME' | 'METRICS_PORT' | 'HOST'>,
): Promise<() => Promise<void>> => {
  const stops: (() => Promise<void>)[] = [];
  const endpoint = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (endpoint !== '') stops.push(await startTracing({ endpoint, service: values.OTEL_SERVICE_NAME || name }));
  if (values.METRICS_PORT !== 0) stops.push(await startMetrics({ host: values.HOST, port: values.METRICS_PORT }));
  return async () => {
    for (const stop of stops) await stop().catch(() => undefined); // a collector that is down makes no stop unclean
  };
};
