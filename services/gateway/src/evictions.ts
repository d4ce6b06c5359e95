import { topicOf } from '@flexistream/contracts';
import type { Consumer, EventBus } from '@flexistream/event-bus';
import type { Log } from '@flexistream/observability';
import { listenSteadily } from '@flexistream/service-host';

/**
 * Drops what the gateway holds as soon as an event tells that it changed: a right may be taken away by a reaction, not by a request.
 * Every gateway hears every event. Only sooner: without the bus, or where it fails, it ends within the second of design §7.
 */
export const evictOnEvents = (bus: EventBus, evict: (names: readonly string[]) => void, log: Log): Promise<Consumer> =>
  listenSteadily(
    bus,
    {
      name: 'gateway',
      topics: [topicOf('accounts'), topicOf('spaces'), topicOf('tokens')],
      handle: async ({ data }) => {
        if ('accountId' in data) evict([`account:${data.accountId}`, `account-keys:${data.accountId}`]);
        else evict([`space:${data.spaceId}`]);
      },
      onFailure: (error) => log.warn({ error }, 'an event could not evict what it changed'),
    },
    log,
  );
