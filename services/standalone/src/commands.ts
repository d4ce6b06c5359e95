import type { Log } from '@flexistream/observability';
import { type Infrastructure, onceStopped, type RunningService, type Services, startServices, welcome } from '@flexistream/service-host';
import { definitions } from './definitions.ts';
import { progressLine } from './progress-line.ts';
import type { StandaloneValues } from './settings.ts';
import { startStandalone } from './standalone.ts';

export interface Invocation {
  readonly values: StandaloneValues;
  readonly args: readonly string[];
  readonly log: Log;
  readonly infrastructure: Infrastructure;
}

interface CommandOfMain {
  readonly usage: string;
  readonly description: string;
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

/** Services without doors, for work on a folder that no server holds. */
const withServices = async (
  { values, log, infrastructure }: Invocation,
  passive: boolean,
  work: (services: Services) => Promise<void>,
): Promise<void> => {
  const services = await startServices({ definitions: definitions(values), infrastructure, log, passive });
  try {
    await work(services);
  } finally {
    await services.stop();
  }
};

/** The services that the arguments name, or all. */
const withNamed = (invocation: Invocation, work: (name: string, service: RunningService) => Promise<void>): Promise<void> =>
  withServices(invocation, true, async ({ running }) => {
    const wanted = invocation.args.length > 0 ? invocation.args : [...running.keys()];
    for (const [name, service] of running) if (wanted.includes(name)) await work(name, service);
  });

const rebuild = (invocation: Invocation): Promise<void> =>
  withNamed(invocation, async (name, service) => {
    const events = await service.rebuild(progressLine());
    say(`${name}: rebuilt from ${events} events`);
  });

const rewind = (invocation: Invocation): Promise<void> =>
  withNamed(invocation, async (name, service) => {
    await service.rewind();
    say(`${name}: what it had read of the topics of others is forgotten`);
  });

const parked = (invocation: Invocation): Promise<void> =>
  withServices(invocation, invocation.args.length === 0, async ({ running }) => {
    const [retry] = invocation.args;
    let found = 0;
    for (const [name, service] of running) {
      for (const { projection, key, position, error } of await service.parked()) {
        found++;
        say(`${name} ${projection} at ${position} of ${key}: ${error}`);
      }
      for (const { topic, event, error } of await invocation.infrastructure.bus.parked(name)) {
        found++;
        say(`${name} ${event.type} from ${topic}, key ${event.subject}: ${error}`);
      }
      if (retry !== undefined) say(`${name}: ${await service.retryParked(retry)} went through`);
    }
    if (found === 0) say('nothing is parked');
  });

export const commands = {
  serve: { usage: '', description: 'serves the platform (the default)', run: serve },
  rebuild: {
    usage: '[services...]',
    description: 'builds the documents of all or the named services anew from their events',
    run: rebuild,
  },
  rewind: {
    usage: '[services...]',
    description: "forgets what all or the named services have read of the others' topics; they read again all that these still hold",
    run: rewind,
  },
  parked: {
    usage: '[key]',
    description: 'lists the events that were set aside because they failed; with a key, tries those of that key again',
    run: parked,
  },
} as const satisfies Record<string, CommandOfMain>;
