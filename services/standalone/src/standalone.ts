import { evictOnEvents, gatewayDoors, type Handlers, type Readiness, urlOf } from '@flexistream/gateway';
import { type Clock, systemClock } from '@flexistream/kernel';
import { deriveKey } from '@flexistream/key-store';
import type { Log } from '@flexistream/observability';
import {
  type FirstAdmin,
  type Infrastructure,
  makeFirstAdmin,
  type Services,
  startServices,
  startTelemetry,
  systemContext,
} from '@flexistream/service-host';
import { definitions } from './definitions.ts';
import type { StandaloneValues } from './settings.ts';

export interface StandaloneOptions {
  readonly values: StandaloneValues;
  readonly infrastructure: Infrastructure;
  readonly log: Log;
  readonly clock?: Clock;
  readonly onProgress?: (projection: string, done: number, of: number) => void;
}

export interface Standalone {
  readonly url: string;
  readonly tlsUrl: string | undefined;
  /** Set when this start made the first admin. */
  readonly firstAdmin: FirstAdmin | undefined;
  /** Resolves when everything that was accepted is durable and answered. */
  stop(): Promise<void>;
}

/** All services and the gateway in one process. Order: telemetry, stores and projections, services, first admin, doors. */
export const startStandalone = async ({
  values,
  infrastructure,
  log,
  clock = systemClock,
  onProgress,
}: StandaloneOptions): Promise<Standalone> => {
  const stopTelemetry = await startTelemetry('standalone', values);
  const services = await startServices({
    definitions: definitions(values),
    infrastructure,
    log,
    clock,
    ...(onProgress ? { onProgress } : {}),
  });
  const firstAdmin = await firstStart(services, values, clock);
  const doors = await gatewayDoors({
    ask: services.ask,
    handlers: services.handlers as Handlers,
    ephemeral: infrastructure.ephemeral,
    clock,
    settings: values,
    log,
    key: deriveKey(infrastructure.masterKey, 'digest nonces'),
    ready: () => readiness(services),
    dataDir: values.DATA_DIR,
  });
  const evictions = await evictOnEvents(infrastructure.bus, doors.evict, log);
  const opened = await doors.listen();
  return {
    url: urlOf('http', opened.http),
    tlsUrl: opened.https && urlOf('https', opened.https),
    firstAdmin,
    stop: async () => {
      await doors.close();
      await evictions.stop();
      await services.stop();
      await stopTelemetry();
    },
  };
};

/** Nothing can log in before a space, an admin and a key stand; asked of the log, so a first start that crashed is finished. */
const firstStart = async ({ ask, running }: Services, values: StandaloneValues, clock: Clock): Promise<FirstAdmin | undefined> => {
  const context = systemContext('gateway', clock);
  const { spaces } = await ask('spaces.count', {}, context);
  if (spaces > 0 && !(await isUnfinished(running))) return undefined;
  return makeFirstAdmin(ask, values, context);
};

/** The admin's key comes last: until the log of tokens holds an admin key that counts, the first start was not finished. */
const isUnfinished = async (running: Services['running']): Promise<boolean> =>
  !((await running.get('tokens')?.firstEvents(FIRST_EVENTS)) ?? []).includes('AdminKeyAdded');

/** A first start writes less than this into the log of tokens, however often it was cut off. */
const FIRST_EVENTS = 100;

/** Parked events are told, not fatal: what they concern lags, everything else is served. */
const readiness = async ({ running }: Services): Promise<Readiness> => {
  const problems: string[] = [];
  for (const [name, one] of running) {
    const parked = (await one.parked()).length;
    if (parked > 0) problems.push(`${parked} events are parked in ${name}`);
  }
  return { ready: true, problems };
};
