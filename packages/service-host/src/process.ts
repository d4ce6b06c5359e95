import type { RouteId, ServiceName } from '@flexistream/contracts';
import type { Handler } from '@flexistream/http';
import { type Clock, systemClock } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import { askInProcess } from './ask.ts';
import type { Infrastructure } from './infrastructure.ts';
import { type Definition, openService, type RunningService } from './running-service.ts';
import type { AnyService, AskService } from './service.ts';

export interface ServicesOptions {
  readonly definitions: readonly Definition[];
  readonly infrastructure: Infrastructure;
  readonly log: Log;
  readonly clock?: Clock;
  readonly onProgress?: (projection: string, done: number, of: number) => void;
  /** Nothing acts by itself: no relay, no reactions, no schedules. */
  readonly passive?: boolean;
  /** Passive, and documents stay as they are (see Surroundings). */
  readonly atRest?: boolean;
}

/** Several services in one process, asking one another by plain calls. */
export interface Services {
  /** As the gateway asks. */
  readonly ask: AskService;
  readonly handlers: Readonly<Partial<Record<RouteId, Handler<never>>>>;
  readonly running: ReadonlyMap<ServiceName, RunningService>;
  caughtUp(): Promise<void>;
  /** Services in reverse order of their start, then the engines. */
  stop(): Promise<void>;
}

/** @throws when one prefix belongs to two services: on one EventStoreDB their logs would be one. */
export const startServices = async ({
  definitions,
  infrastructure,
  log,
  clock = systemClock,
  onProgress,
  passive = false,
  atRest = false,
}: ServicesOptions): Promise<Services> => {
  const services = new Map<ServiceName, AnyService>();
  const running = new Map<ServiceName, RunningService>();
  for (const definition of definitions) {
    const ask = askInProcess(definition.name, services);
    const one = await openService(definition, { infrastructure, ask, clock, log, atRest, ...(onProgress ? { onProgress } : {}) });
    refuseSharedPrefix(one.service, services.values());
    services.set(definition.name, one.service);
    running.set(definition.name, one);
  }
  if (!passive && !atRest) for (const one of running.values()) await one.activate();
  return {
    ask: askInProcess('gateway', services),
    handlers: Object.assign({}, ...[...services.values()].map(({ handlers }) => handlers)),
    running,
    // Twice: what one service publishes may make another one publish.
    caughtUp: async () => {
      for (let round = 0; round < 2; round++) for (const one of running.values()) await one.caughtUp();
    },
    stop: async () => {
      for (const one of [...running.values()].reverse()) await one.stop();
      await infrastructure.close();
    },
  };
};

const refuseSharedPrefix = (service: AnyService, others: Iterable<AnyService>): void => {
  for (const other of others) {
    const shared = service.prefixes.find((mine) => other.prefixes.some((theirs) => mine.startsWith(theirs) || theirs.startsWith(mine)));
    if (shared !== undefined) throw new Error(`the stream prefix ${shared} belongs to both ${service.name} and ${other.name}`);
  }
};
