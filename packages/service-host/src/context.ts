import type { IntegrationEvent, ServiceName } from '@flexistream/contracts';
import { type Clock, type CommandContext, isoMoment, uuidv7 } from '@flexistream/kernel';

/** The context of what a service does by itself. */
export const systemContext = (service: ServiceName, clock: Clock): CommandContext => {
  const id = uuidv7(clock());
  return { id, correlation: id, actor: `system:${service}`, at: isoMoment(clock()) };
};

/** A consumed event is the command: a repeat of the event is the same command (design §4). */
export const contextOf = (event: IntegrationEvent, service: ServiceName, clock: Clock): CommandContext => ({
  id: event.id,
  correlation: event.correlation,
  causation: event.id,
  actor: `system:${service}`,
  at: isoMoment(clock()),
  ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
});
