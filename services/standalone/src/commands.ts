import type { Log } from '@flexistream/observability';
import {
  type Infrastructure,
  type OperatorCommand,
  onceStopped,
  operatorCommands,
  type Subcommand,
  startServices,
  welcome,
} from '@flexistream/service-host';
import { definitions } from './definitions.ts';
import { progressLine } from './progress-line.ts';
import type { StandaloneValues } from './settings.ts';
import { startStandalone } from './standalone.ts';

export interface Invocation {
  readonly values: StandaloneValues;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly log: Log;
  readonly infrastructure: Infrastructure;
}

interface CommandOfMain extends Subcommand {
  readonly run: (invocation: Invocation) => Promise<void>;
}

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const serve = async ({ values, log, infrastructure }: Invocation): Promise<void> => {
  const standalone = await startStandalone({ values, infrastructure, log, onProgress: progressLine() });
  const { url, tlsUrl, firstAdmin } = standalone;
  if (firstAdmin !== undefined) say(welcome(firstAdmin, url));
  log.info({ http: url, ...(tlsUrl === undefined ? {} : { https: tlsUrl }) }, 'serving'); // `url` would be redacted
  onceStopped(log, () => standalone.stop());
};

/** Services without doors, on a folder that no server holds: there is no instance but this process. */
const onFolder =
  ({ opening, run }: OperatorCommand) =>
  async ({ values, args, options, log, infrastructure }: Invocation): Promise<void> => {
    const atRest = opening(args) !== 'at work';
    const services = await startServices({ definitions: definitions(values), infrastructure, log, atRest });
    try {
      await run({ running: services.running, bus: infrastructure.bus, args, options, say, onProgress: progressLine() });
    } finally {
      await services.stop();
    }
  };

const { rebuild, rewind, parked, republish } = operatorCommands('[services...]');

export const commands = {
  serve: { usage: '', description: 'serves the platform (the default)', run: serve },
  rebuild: { ...rebuild, run: onFolder(rebuild) },
  rewind: { ...rewind, run: onFolder(rewind) },
  parked: { ...parked, run: onFolder(parked) },
  republish: { ...republish, run: onFolder(republish) },
} as const satisfies Record<string, CommandOfMain>;
