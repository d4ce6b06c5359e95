import type { Settings } from '@flexistream/service-host';

/** Statistics has nothing of its own to set yet; retention will be the first (spec statistics.md §10.5). */
export const statisticsSettings = {} as const satisfies Settings;
