import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { ServiceName } from '@flexistream/contracts';
import type { Ephemeral } from '@flexistream/ephemeral';
import { Unavailable } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';

/** How long a sign lasts, and how often it is renewed: two may be lost. */
const LASTS_MS = 10_000;
const EVERY_MS = 3_000;
const LOOKED_EVERY_MS = 200;

const alive = (service: ServiceName): string => `alive:${service}`;
const held = (service: ServiceName): string => `held:${service}`;

export class StillAlive extends Error {
  readonly code = 'service-host/still-alive';
}

export class HeldByAnother extends Error {
  readonly code = 'service-host/held-by-another';
}

export interface Ending {
  stop(): void;
}

/**
 * An instance of a service shows that it lives, for as long as it does. It looks whether the service is held before and after its first
 * sign, a command the other way round (`holdService`): of the two at least one sees the other.
 * @throws Unavailable while a command holds the service, or Redis is away
 */
export const showLife = async (service: ServiceName, ephemeral: Ephemeral, log: Log): Promise<Ending> => {
  await refuseHeld(service, ephemeral);
  const ending = await renewed(alive(service), ephemeral, log);
  try {
    await refuseHeld(service, ephemeral);
  } catch (error) {
    ending.stop();
    throw error;
  }
  return ending;
};

const refuseHeld = async (service: ServiceName, ephemeral: Ephemeral): Promise<void> => {
  if ((await ephemeral.get(held(service))) !== undefined) throw new Unavailable(`an operator's command is at work on ${service}`);
};

/**
 * Holds a service of which no instance lives: none starts meanwhile. The sign of one that has ended fades within ten seconds.
 * @throws StillAlive, HeldByAnother
 */
export const holdService = async (
  service: ServiceName,
  ephemeral: Ephemeral,
  log: Log,
  say: (text: string) => void,
): Promise<AsyncDisposable> => {
  if (!(await ephemeral.once(held(service), LASTS_MS))) {
    throw new HeldByAnother(`another command is at work on ${service}, or ended less than ${LASTS_MS / 1_000} s ago`);
  }
  const holding = await renewed(held(service), ephemeral, log);
  const release = async (): Promise<void> => {
    holding.stop();
    await ephemeral.remove(held(service)).catch(() => {}); // it ends by itself
  };
  try {
    await untilFaded(service, ephemeral, say);
  } catch (error) {
    await release();
    throw error;
  }
  return { [Symbol.asyncDispose]: release };
};

/** A sign that is renewed comes from who lives; one that is not fades. */
const untilFaded = async (service: ServiceName, ephemeral: Ephemeral, say: (text: string) => void): Promise<void> => {
  const first = await ephemeral.get(alive(service));
  if (first === undefined) return;
  say(`${service}: waiting for the last sign of life to fade, at most ${LASTS_MS / 1_000} s`);
  for (;;) {
    await pause(LOOKED_EVERY_MS);
    const sign = await ephemeral.get(alive(service));
    if (sign === undefined) return;
    if (sign !== first) throw new StillAlive(`an instance of ${service} is alive: stop every one of them first`);
  }
};

const renewed = async (key: string, ephemeral: Ephemeral, log: Log): Promise<Ending> => {
  const renew = () => ephemeral.set(key, randomUUID(), { ttl: LASTS_MS });
  await renew();
  const timer = setInterval(() => {
    renew().catch((error: unknown) => log.warn({ error }, 'a sign of life could not be given and will be given again'));
  }, EVERY_MS).unref();
  return { stop: () => clearInterval(timer) };
};
