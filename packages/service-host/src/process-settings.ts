import type { ServiceName } from '@flexistream/contracts';
import { engineSettings } from './engine-settings.ts';
import { hostSettings } from './host-settings.ts';
import { integerSetting, listSetting, textSetting, type ValuesOf } from './settings.ts';

/** Where a service's own process listens and finds the others and its engines (design §13). */
export const processSettings = {
  ...hostSettings,
  HOST: textSetting('address on which it listens', '127.0.0.1'),
  INTERNAL_PORT: integerSetting('port of its routes for the gateway and of its internal calls; never public', 9090, 0, 65_535),
  ACCOUNTS_URL: listSetting('base addresses of accounts, several instances by commas'),
  SPACES_URL: listSetting('base addresses of spaces'),
  TOKENS_URL: listSetting('base addresses of tokens'),
  NOTIFICATIONS_URL: listSetting('base addresses of notifications'),
  STATISTICS_URL: listSetting('base addresses of statistics'),
  ...engineSettings,
} as const;
export type ProcessValues = ValuesOf<typeof processSettings>;

/** Engines that other processes share; a service's own process cannot do with embedded ones. */
const shared = ['EVENTSTORE_URL', 'KAFKA_BROKERS', 'MONGODB_URL', 'REDIS_URL'] as const;

export class ProcessIncomplete extends Error {
  readonly code = 'service-host/process-incomplete';
}

/** @throws ProcessIncomplete naming everything that a process of its own lacks. */
export const refuseIncomplete = (values: ProcessValues): void => {
  const missing = [...shared, 'MASTER_KEY' as const].filter((name) => values[name].length === 0);
  if (missing.length > 0) {
    throw new ProcessIncomplete(
      `a service's own process needs ${missing.join(', ')}; npm start serves everything in one process without them`,
    );
  }
};

/** Where each service's instances are asked. */
export const addressesOf = (values: ProcessValues): Readonly<Partial<Record<ServiceName, readonly string[]>>> => ({
  accounts: values.ACCOUNTS_URL,
  spaces: values.SPACES_URL,
  tokens: values.TOKENS_URL,
  notifications: values.NOTIFICATIONS_URL,
  statistics: values.STATISTICS_URL,
});
