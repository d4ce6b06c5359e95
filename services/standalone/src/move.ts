import { SettingsFaulty } from '@flexistream/service-host';
import type { MovedService } from '@flexistream/service-host/move';
import { definitions } from './definitions.ts';
import { type Invocation, say } from './invocation.ts';
import { progressLine } from './progress-line.ts';

const needed = ['EVENTSTORE_URL', 'MONGODB_URL', 'REDIS_URL'] as const;
/** Of each service; the rest is counted. */
const SHOWN_DIFFERENCES = 20;

/** From the folder to the engines that processes share. @throws when they are not the same afterwards: exit code 1. */
export const move = async ({ values, args, log }: Invocation): Promise<void> => {
  const verifies = args[0] === 'verify';
  if (args.length > 0 && !verifies) throw new SettingsFaulty([`move ${args[0]}: there is only "move" and "move verify"`]);
  const missing = needed.filter((name) => values[name] === '');
  if (missing.length > 0) throw new SettingsFaulty(missing.map((name) => `${name}: is where to move to, and missing`));
  const { MoveDiffers, moveInstallation } = await import('@flexistream/service-host/move');
  let differing = 0;
  await moveInstallation({
    folder: values.DATA_DIR,
    masterKey: values.MASTER_KEY,
    target: {
      eventStoreUrl: values.EVENTSTORE_URL,
      mongodbUrl: values.MONGODB_URL,
      redisUrl: values.REDIS_URL,
      installation: values.INSTALLATION,
    },
    definitions: definitions(values),
    log,
    copies: !verifies,
    onProgress: progressByPhase(),
    onMoved: (service) => {
      differing += service.differences.length;
      tell(service);
    },
  });
  if (differing > 0)
    throw new MoveDiffers(`${differing} documents are not what they are in ${values.DATA_DIR}: start nothing on the target`);
  if (!verifies) tellWhatFollows(values.DATA_DIR, values.INSTALLATION, values.MASTER_KEY !== '');
};

/** One line for each phase, which ends once. */
const progressByPhase = (): ((what: string, done: number, of: number) => void) => {
  const ended = new Set<string>();
  const line = progressLine();
  return (what, done, of) => {
    if (ended.has(what)) return;
    if (done >= of) ended.add(what);
    line(what, done, of);
  };
};

const tell = ({ name, events, keys, documents, parked, differences }: MovedService): void => {
  for (const { projection, collection, id, is } of differences.slice(0, SHOWN_DIFFERENCES))
    say(`${name} ${projection} ${collection} ${id}: ${is}`);
  if (differences.length > SHOWN_DIFFERENCES) say(`${name}: and ${differences.length - SHOWN_DIFFERENCES} more`);
  if (parked > 0)
    say(`${name}: events of ${parked} streams were parked; they were tried again, and are parked on the target if they failed again`);
  const result = differences.length === 0 ? 'all the same' : `${differences.length} differ`;
  say(`${name}: ${events} events, ${keys} keys, ${documents} documents compared: ${result}`);
};

const tellWhatFollows = (folder: string, installation: string, masterKeyGiven: boolean): void => {
  const key = masterKeyGiven ? 'the MASTER_KEY that this command was given' : `MASTER_KEY, which is the text in ${folder}/master.key`;
  say(`moved. Every process of the large size needs ${key}, and INSTALLATION=${installation}.`);
  if (!masterKeyGiven) {
    say('Hand it on in a file that only its owner reads, not on a command line:');
    say(`  printf 'MASTER_KEY=%s\\n' "$(cat ${folder}/master.key)" >> .env   (Kubernetes: overlays/large/secrets.env)`);
  }
  say(`Keep ${folder} until the large size has served for a while, and never serve it again: two truths cannot be joined.`);
};
