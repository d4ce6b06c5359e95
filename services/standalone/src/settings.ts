import { gatewaySettings } from '@flexistream/gateway';
import { hostSettings, secretSetting, textSetting, type ValuesOf } from '@flexistream/service-host';
import { servicesSettings } from './definitions.ts';

const firstStartSettings = {
  FIRST_SPACE_DOMAIN: textSetting('SIP domain of the super space that the first start makes', 'sip.localhost'),
  FIRST_SPACE_HOST: textSetting('HTTP host of that space; unset: its domain'),
  FIRST_ADMIN_USERNAME: textSetting('user name of its super admin', 'admin'),
  FIRST_ADMIN_PASSWORD: secretSetting('password of that admin; unset: random, printed once'),
  FIRST_ADMIN_API_KEY: secretSetting('API key of that admin, bound to no address, without expiry; unset: random, printed once'),
} as const;

/** Everything that standalone reads, in the order of `--help`. */
export const standaloneSettings = { ...hostSettings, ...gatewaySettings, ...firstStartSettings, ...servicesSettings } as const;
export type StandaloneValues = ValuesOf<typeof standaloneSettings>;
