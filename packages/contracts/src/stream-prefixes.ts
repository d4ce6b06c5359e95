import type { ServiceName } from './routes.ts';

/**
 * How the names of each service's streams begin: on EventStoreDB, where all logs are one, a service's own log is `$all` filtered by
 * them. None begins another one's (checked at the start).
 */
export const streamPrefixes = {
  gateway: [],
  accounts: ['account-', 'accountclaim-', 'accounttombstone-', 'accountsequence-', 'places-', 'masterkey-accounts'],
  spaces: ['spaceregister', 'space-', 'spacesequence-', 'masterkey-spaces'],
  tokens: ['apikey-', 'userkey-', 'adminkeys-', 'creationtoken-', 'masterkey-tokens'],
  notifications: ['delivery-', 'masterkey-notifications'],
  statistics: ['call-', 'message-', 'statisticssequence-', 'masterkey-statistics'],
} as const satisfies Record<ServiceName, readonly string[]>;

/** Holds the fingerprint of the master key that the service's log was written with. */
export const masterKeyStream = (service: ServiceName): string => `masterkey-${service}`;
