import { streamPrefixes } from '@flexistream/contracts';
import type { Ports, Service } from '@flexistream/service-host';

/** Push, e-mail, SMS and SIP messages. No route of the present catalogue sends anything, so it owns nothing yet. */
export const notificationsService = (_ports: Ports): Service<'notifications'> => ({
  name: 'notifications',
  prefixes: streamPrefixes.notifications,
  handlers: {},
  answers: {},
  projections: [],
  publishes: undefined,
  reactions: [],
  schedules: [],
});
