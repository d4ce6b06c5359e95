import type { Place } from './topics.ts';

export class ConsumerStopped extends Error {
  readonly code = 'event-bus/consumer-stopped';
  constructor(group: string) {
    super(`a consumer of group ${group} was stopped`);
  }
}

/** Parked events are done again by a consumer of their group, and none is running here. */
export class NoConsumer extends Error {
  readonly code = 'event-bus/no-consumer';
  constructor(group: string) {
    super(`no consumer of group ${group} is running`);
  }
}

/** The topic is shorter than what was read from it: a restored or newly made one, on which the group would miss events in silence. */
export class OffsetBeyondEnd extends Error {
  readonly code = 'event-bus/offset-beyond-end';
  constructor(group: string, { topic, partition, offset }: Place, end: number) {
    super(
      `group ${group} has read ${topic}, partition ${partition}, up to ${offset}, but it ends at ${end}: the topic was restored or made anew. ` +
        'Delete the offsets of the group, or reset them, and rebuild what it feeds',
    );
  }
}
