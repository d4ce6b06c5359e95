import type { ServiceName } from '@flexistream/contracts';
import type { EventBus, ParkedIntegrationEvent } from '@flexistream/event-bus';

/** Its streams have no name before theirs: an event store is seldom shared. */
const DEFAULT_INSTALLATION = 'flexistream';

export const streamNamespaceOf = (installation: string): string => (installation === DEFAULT_INSTALLATION ? '' : `${installation}.`);
export const documentsDatabaseOf = (installation: string, service: ServiceName): string => `${installation}_${service}`;
/** Of its own, so that backups may keep it for a shorter time. */
export const keysDatabaseOf = (installation: string, service: ServiceName): string => `${installation}_${service}_keys`;

/** The bus of one installation on brokers that others may use: its topics and groups begin with its name. */
export const busOf = (installation: string, bus: EventBus): EventBus => {
  const topicHere = (topic: string): string => topic.replace(/^flexistream(?=\.)/, installation);
  const topicAnywhere = (topic: string): string => topic.replace(new RegExp(`^${installation}(?=\\.)`), 'flexistream');
  const groupHere = (group: string): string => `${installation}.${group}`;
  return {
    publish: (topic, events) => bus.publish(topicHere(topic), events),
    consume: (options) => bus.consume({ ...options, group: groupHere(options.group), topics: options.topics.map(topicHere) }),
    listen: (options) => bus.listen({ ...options, name: groupHere(options.name), topics: options.topics.map(topicHere) }),
    parked: async (group) =>
      (await bus.parked(groupHere(group))).map((one): ParkedIntegrationEvent => ({ ...one, group, topic: topicAnywhere(one.topic) })),
    retryParked: (group, key) => bus.retryParked(groupHere(group), key),
    rewind: (group) => bus.rewind(groupHere(group)),
    close: () => bus.close(),
  };
};
