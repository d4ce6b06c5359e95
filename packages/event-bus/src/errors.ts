export class ConsumerStopped extends Error {
  readonly code = 'event-bus/consumer-stopped';
  constructor(name: string) {
    super(`a consumer of ${name} was stopped`);
  }
}

/** Parked events are done again by a consumer of their group, and none is running here. */
export class NoConsumer extends Error {
  readonly code = 'event-bus/no-consumer';
  constructor(group: string) {
    super(`no consumer of group ${group} is running`);
  }
}

/** What is read now would be stored over what is forgotten. */
export class GroupRuns extends Error {
  readonly code = 'event-bus/group-runs';
  constructor(group: string, options?: ErrorOptions) {
    super(
      `a consumer of group ${group} is running, so its offsets stay: stop every process that reads for it, then try again ` +
        '(one that was killed counts for some seconds more)',
      options,
    );
  }
}

/** A topic is shorter than what was read from it, so the group would miss events in silence. */
export class OffsetBeyondEnd extends Error {
  readonly code = 'event-bus/offset-beyond-end';
  /** @param where the topic, and its partition if it has several */
  constructor(group: string, where: string, offset: number, end: number) {
    super(
      `group ${group} has read ${where} up to ${offset}, but it ends at ${end}: files or engines of two instants were mixed, or the topic was ` +
        'emptied. Restore all of one instant; or run the command `rewind` of this service with its processes stopped: then it reads again ' +
        'all that its topics still hold, and repeats are harmless',
    );
  }
}
