import type { ServiceName } from '@flexistream/contracts';
import { systemClock } from '@flexistream/kernel';
import type { CommandLine } from './command-line.ts';
import { onceReachable } from './once-reachable.ts';
import { type OperatorCommand, operatorCommands } from './operator-commands.ts';
import { holdService, showLife } from './presence.ts';
import { progressLines } from './progress-lines.ts';
import { type ProcessCommand, runProcess, type Surrounded } from './run-process.ts';
import { type Definition, openService, type RunningService } from './running-service.ts';
import type { AnyService, Ports } from './service.ts';
import type { Settings, ValuesOf } from './settings.ts';

export interface ServiceProcess<S extends Settings> {
  readonly name: ServiceName;
  readonly settings: S;
  readonly make: (ports: Ports, values: ValuesOf<S>) => AnyService;
}

/** One service as a process of its own: asked on its internal port, stopped after what it accepted; and the operator's commands on it. */
export const runServiceProcess = <S extends Settings>({ name, settings, make }: ServiceProcess<S>): Promise<void> => {
  const definitionOf = (values: ValuesOf<S>) => ({ name, make: (ports: Ports) => make(ports, values) });
  const commands = Object.entries(operatorCommands('')).map(([its, command]): [string, ProcessCommand<S>] => [
    its,
    { ...command, run: (surrounded, line) => runOn(definitionOf(surrounded.values), surrounded, command, line) },
  ]);
  return runProcess(
    name,
    settings,
    (surrounded, accepting) => serveService(definitionOf(surrounded.values), surrounded, accepting),
    Object.fromEntries(commands),
  );
};

/** It listens at once: alive, but not ready, and 503 to whoever asks, until its engines are there and its documents stand. */
const serveService = async <S extends Settings>(
  definition: Definition,
  { values, infrastructure, tokens, client, log }: Surrounded<S>,
  accepting: () => void,
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
  const opened = await onceReachable(() => openService(definition, { infrastructure, ask: client.ask, clock: systemClock, log }), log);
  accepting();
  running = opened;
  log.info({ port: server.port }, 'serving');
  await opened.activate();
  return async () => {
    stopping = true;
    await server.close();
    await opened.stop();
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
  const { ephemeral, bus } = infrastructure;
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  const how = opening(args);
  await using presence = new AsyncDisposableStack();
  if (how === 'alone') presence.use(await holdService(name, ephemeral, log, say));
  if (how === 'at work') presence.defer((await showLife(name, ephemeral, log)).stop);
  const atRest = how !== 'at work';
  const service = await openService(definition, { infrastructure, ask: client.ask, clock: systemClock, log, atRest });
  try {
    if (!atRest) await service.activate();
    await run({ running: new Map([[name, service]]), bus, args, options, say, onProgress: progressLines(say) });
  } finally {
    await service.stop();
  }
};
