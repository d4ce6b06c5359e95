import { createHash } from 'node:crypto';
import type { Ephemeral } from '@flexistream/ephemeral';
import { systemClock } from '@flexistream/kernel';
import type { Log } from '@flexistream/observability';
import {
  type AskService,
  type FirstAdmin,
  type FirstStartValues,
  keepTrying,
  makeFirstAdmin,
  systemContext,
  welcome,
} from '@flexistream/service-host';

/** Of several gateways one makes the first admin; should it die, another one may try after this. */
const LEASE = 'first-start';
const LEASE_MS = 10_000;

interface Parts {
  readonly ask: AskService;
  readonly ephemeral: Ephemeral;
  readonly values: FirstStartValues;
  readonly log: Log;
  readonly url: string;
}

/**
 * Makes the first super space, admin and key as soon as the services can be asked. With a `FIRST_ADMIN_API_KEY` a first start that was
 * cut off is finished; a random key cannot be told from one that was printed, so then an empty installation alone is begun.
 */
export const finishFirstStart = (parts: Parts): { stop(): Promise<void> } => {
  const over = new AbortController();
  const attempt = async (): Promise<void> => {
    if (!(await isNeeded(parts))) return over.abort();
    if (!(await parts.ephemeral.once(LEASE, LEASE_MS))) throw new Error('another gateway is at the first start');
    process.stderr.write(welcome(await makeUnderLease(parts), parts.url));
    over.abort();
  };
  const trying = keepTrying('first start', attempt, over.signal, parts.log);
  return {
    stop: async () => {
      over.abort();
      await trying;
    },
  };
};

/** What failed is left to whoever comes next at once, not after the lease. */
const makeUnderLease = async ({ ask, ephemeral, values }: Parts): Promise<FirstAdmin> => {
  try {
    return await makeFirstAdmin(ask, values, systemContext('gateway', systemClock));
  } catch (error) {
    await ephemeral.remove(LEASE);
    throw error;
  }
};

const isNeeded = async ({ ask, values }: Parts): Promise<boolean> => {
  const context = systemContext('gateway', systemClock);
  if ((await ask('spaces.count', {}, context)).spaces === 0) return true;
  if (values.FIRST_ADMIN_API_KEY === '') return false;
  const key = createHash('sha256').update(values.FIRST_ADMIN_API_KEY).digest('hex');
  return (await ask('tokens.resolveKey', { key }, context)) === null;
};
