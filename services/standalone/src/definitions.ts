import { accountsService, accountsSettings } from '@flexistream/accounts';
import { notificationsService } from '@flexistream/notifications';
import type { AnyService, Definition, ValuesOf } from '@flexistream/service-host';
import { spacesService, spacesSettings } from '@flexistream/spaces';
import { statisticsService, statisticsSettings } from '@flexistream/statistics';
import { tokensService, tokensSettings } from '@flexistream/tokens';

/** What the services read of the environment. */
export const servicesSettings = { ...spacesSettings, ...accountsSettings, ...tokensSettings, ...statisticsSettings } as const;
export type ServicesValues = ValuesOf<typeof servicesSettings>;

/** Every service, in the order in which they are opened. */
export const definitions = (values: ServicesValues): readonly Definition[] => [
  { name: 'spaces', make: (ports) => spacesService(ports, values) as AnyService },
  { name: 'accounts', make: (ports) => accountsService(ports, values) as AnyService },
  { name: 'tokens', make: (ports) => tokensService(ports, values) as AnyService },
  { name: 'notifications', make: (ports) => notificationsService(ports) as AnyService },
  { name: 'statistics', make: (ports) => statisticsService(ports, values) as AnyService },
];
