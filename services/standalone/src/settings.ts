import { gatewaySettings } from '@flexistream/gateway';
import { engineSettings, firstStartSettings, hostSettings, type ValuesOf } from '@flexistream/service-host';
import { servicesSettings } from './definitions.ts';

/** Everything that standalone reads, in the order of `--help`. */
export const standaloneSettings = {
  ...hostSettings,
  ...engineSettings,
  ...gatewaySettings,
  ...firstStartSettings,
  ...servicesSettings,
} as const;
export type StandaloneValues = ValuesOf<typeof standaloneSettings>;
