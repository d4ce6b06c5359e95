import { textSetting, type ValuesOf } from '@flexistream/service-host';

/** Variables of the spaces service (spec operations.md §5, design §13). */
export const spacesSettings = {
  APP_ROOT_HOST: textSetting('The host name that every given host of a space must be, or end with; empty: any host'),
  DEFAULT_SPACE: textSetting('The domain of the space for requests whose host is an IP address or localhost; empty: the first space'),
};
export type SpacesSettings = ValuesOf<typeof spacesSettings>;
