import type { ServiceName } from '@flexistream/contracts';
import type { EventBus } from '@flexistream/event-bus';
import type { Position } from '@flexistream/kernel';
import type { Subcommand } from './command-line.ts';
import type { RunningService } from './running-service.ts';

/** What a command works with: services that were opened for it. */
export interface Work {
  readonly running: ReadonlyMap<ServiceName, RunningService>;
  readonly bus: EventBus;
  readonly args: readonly string[];
  readonly options: Readonly<Record<string, string>>;
  readonly say: (text: string) => void;
  readonly onProgress: (what: string, done: number, of: number) => void;
}

/**
 * How its services are opened. `at rest`: nothing acts, and what stands beyond its log is no reason to refuse. `alone`: the same, and no
 * instance may live, since one that runs would write into the same documents. `at work`: as an instance more.
 */
export type Opening = 'at rest' | 'alone' | 'at work';

export interface OperatorCommand extends Subcommand {
  readonly opening: (args: readonly string[]) => Opening;
  readonly run: (work: Work) => Promise<void>;
}

/** What an operator asked for was not done. */
export class CommandFailed extends Error {
  readonly code = 'service-host/command-failed';
}

const rebuild = async ({ running, args, say, onProgress }: Work): Promise<void> => {
  for (const [name, service] of chosen(running, args)) {
    const events = await service.rebuild(onProgress);
    say(`${name}: rebuilt from ${events} events`);
  }
};

const parked = async ({ running, bus, args: [key], say }: Work): Promise<void> => {
  let left = 0;
  for (const [name, service] of running) {
    if (key !== undefined) say(`${name}: ${await service.retryParked(key)} went through`);
    left += await list(name, service, bus, key, say);
  }
  if (left === 0) say('nothing is parked');
  else if (key !== undefined) throw new CommandFailed(`${left} of ${key} stay parked`);
};

/** All of them, or those of a key; answers how many. */
const list = async (name: ServiceName, service: RunningService, bus: EventBus, key: string | undefined, say: Work['say']) => {
  const ofKey = (its: string): boolean => key === undefined || its === key;
  const events = (await service.parked()).filter((one) => ofKey(one.key));
  for (const { projection, key, position, error } of events) say(`${name} ${projection} at ${position} of ${key}: ${error}`);
  const letters = (await bus.parked(name)).filter(({ event }) => ofKey(event.subject));
  for (const { topic, event, error } of letters) say(`${name} ${event.type} from ${topic}, key ${event.subject}: ${error}`);
  return events.length + letters.length;
};

const republish = async ({ running, args, options: { from }, say }: Work): Promise<void> => {
  const after = placeOf(from);
  const services = [...chosen(running, args)].filter(([, { service }]) => service.publishes !== undefined);
  if (services.length === 0) throw new CommandFailed('it publishes nothing');
  if (services.length > 1 && after > 0) throw new CommandFailed('a position is of one log: name the one service');
  for (const [name, service] of services) {
    await service.republish(after);
    say(`${name}: the next start publishes again what stands after ${after === 0 ? 'the beginning' : after}`);
  }
};

const rewind = async ({ running, args, say }: Work): Promise<void> => {
  for (const [name, service] of chosen(running, args)) {
    await service.rewind();
    say(`${name}: what it had read of the topics of others is forgotten`);
  }
};

const placeOf = (from: string | undefined): Position => {
  if (from === 'beginning') return 0;
  const place = Number(from);
  if (from === undefined || !/^\d+$/.test(from) || !Number.isSafeInteger(place)) {
    throw new CommandFailed('--from takes the position of an event, after which is published again, or: beginning');
  }
  return place;
};

const chosen = (running: Work['running'], names: readonly string[]): Work['running'] => {
  const unknown = names.filter((name) => !running.has(name as ServiceName));
  if (unknown.length > 0) throw new CommandFailed(`there is no service ${unknown.join(', ')}: ${[...running.keys()].join(', ')}`);
  return new Map([...running].filter(([name]) => names.length === 0 || names.includes(name)));
};

/** What operators may do beside serving; `services` is how a process that hosts several lets them choose. */
export const operatorCommands = (services: '[services...]' | '') =>
  ({
    rebuild: {
      usage: services,
      description: 'builds the documents anew from the events; no instance may run',
      example: 'rebuild',
      opening: () => 'alone',
      run: rebuild,
    },
    parked: {
      usage: '[key]',
      description: 'lists the events that were set aside because they failed; with a key, tries those of that key again',
      example: 'parked account-7',
      opening: ([key]) => (key === undefined ? 'at rest' : 'at work'),
      run: parked,
    },
    rewind: {
      usage: services,
      description: "forgets what was read of the others' topics: the next start reads again all that they still hold; no instance may run",
      example: 'rewind',
      opening: () => 'alone',
      run: rewind,
    },
    republish: {
      usage: services,
      description: 'has the next start publish again what others may lack; repeats are harmless; no instance may run',
      example: 'republish --from beginning',
      options: [['--from <position>', 'the position of an event, after which is published again, or: beginning']],
      opening: () => 'alone',
      run: republish,
    },
  }) as const satisfies Record<string, OperatorCommand>;
