import { type OperatorCommand, onceStopped, operatorCommands, type Subcommand, startServices, welcome } from '@flexistream/service-host';
import { definitions } from './definitions.ts';
import { type Invocation, say } from './invocation.ts';
import { move } from './move.ts';
import { progressLine } from './progress-line.ts';
import { startStandalone } from './standalone.ts';

interface CommandOfMain extends Subcommand {
  readonly run: (invocation: Invocation) => Promise<void>;
}

const serve = async ({ values, log, open }: Invocation): Promise<void> => {
  const infrastructure = await open();
  const standalone = await startStandalone({ values, infrastructure, log, onProgress: progressLine() });
  const { url, tlsUrl, firstAdmin } = standalone;
  if (firstAdmin !== undefined) say(welcome(firstAdmin, url));
  log.info({ http: url, ...(tlsUrl === undefined ? {} : { https: tlsUrl }) }, 'serving'); // `url` would be redacted
  onceStopped(log, () => standalone.stop());
};

/** Services without doors, on a folder that no server holds: there is no instance but this process. */
const onFolder =
  ({ opening, run }: OperatorCommand) =>
  async ({ values, args, options, log, open }: Invocation): Promise<void> => {
    const infrastructure = await open();
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
  move: {
    usage: '[verify]',
    description:
      'copies what lies in DATA_DIR to the engines of EVENTSTORE_URL, MONGODB_URL and REDIS_URL, for the processes of the large size, and compares; verify: only compares',
    example: 'move',
    run: move,
  },
} as const satisfies Record<string, CommandOfMain>;
