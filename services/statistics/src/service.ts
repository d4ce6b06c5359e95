import { streamPrefixes } from '@flexistream/contracts';
import { sequence } from '@flexistream/kernel';
import type { Ports, Service, ValuesOf } from '@flexistream/service-host';
import { readRoutes } from './call/read-routes.ts';
import { callRoutes } from './call/routes.ts';
import { callView } from './call/view.ts';
import { messageRoutes } from './message/routes.ts';
import { AccountTies } from './people/account-ties.ts';
import { People } from './people/people.ts';
import { followAccounts } from './people/reactions.ts';
import type { statisticsSettings } from './settings.ts';

export { statisticsSettings } from './settings.ts';

/** Calls and messages at volume, and what is read from them. */
export const statisticsService = (ports: Ports, _settings: ValuesOf<typeof statisticsSettings>): Service<'statistics'> => {
  const ties = new AccountTies(ports);
  const people = new People(ports.pseudonyms, ties);
  const deviceIds = sequence(ports.journal, 'statisticssequence-devices', 10_000);
  return {
    name: 'statistics',
    prefixes: streamPrefixes.statistics,
    handlers: {
      ...callRoutes({ ports, people, deviceIds }),
      ...messageRoutes({ ports, people, deviceIds }),
      ...readRoutes({ ports, people, ties }),
    },
    answers: {},
    projections: [callView],
    publishes: undefined, // counts are nobody else's business
    reactions: [followAccounts(ties)],
    schedules: [{ name: 'tie addresses to accounts', everySeconds: 30, run: (context) => ties.settleOwed(context) }],
  };
};
