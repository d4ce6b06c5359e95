import { topicOf } from '@flexistream/contracts';
import type { ConsumeOptions, Consumer, EventBus, FailurePolicy } from '@flexistream/event-bus';
import { type Clock, isUnavailable } from '@flexistream/kernel';
import { counter, histogram, type Log, traced } from '@flexistream/observability';
import { contextOf } from './context.ts';
import type { AnyService } from './service.ts';
import { consumeSteadily } from './steady-consumer.ts';

const parked = counter('flexistream_parked_integration_events', 'Integration events that were set aside because they kept failing');
const failures = counter('flexistream_reaction_failures', 'Tries to react to an integration event that failed');
const delay = histogram('flexistream_reaction_delay', 'From the fact to the end of the reaction of another service', 'ms');

/** An outage is waited out; what keeps failing is parked, and later events of its key behind it (design §6). */
export const onFailure: FailurePolicy = (error, attempt) => {
  if (isUnavailable(error)) return { action: 'retry', afterMs: Math.min(30_000, 100 * 2 ** Math.min(attempt, 8)) };
  if (attempt < 3) return { action: 'retry', afterMs: 200 * attempt };
  return { action: 'park' };
};

/** Feeds a service's reactions from the topics that they name. */
export const startReactions = (service: AnyService, bus: EventBus, clock: Clock, log: Log): Promise<Consumer> | undefined => {
  const topics = [...new Set(service.reactions.flatMap((reaction) => reaction.topics))];
  if (topics.length === 0) return undefined;
  const options: ConsumeOptions = {
    group: service.name,
    topics: topics.map((topic) => topicOf(topic as Parameters<typeof topicOf>[0])),
    handle: (event) =>
      traced(`react to ${event.type}`, { parent: event.traceparent, kind: 'consumer' }, async () => {
        const context = contextOf(event, service.name, clock);
        for (const reaction of service.reactions) if (reaction.topics.includes(event.source)) await reaction.handle(event, context);
        delay(clock() - Date.parse(event.time), { service: service.name });
      }),
    onFailure: (error, attempt) => {
      const failure = onFailure(error, attempt);
      failures(1, { service: service.name });
      log.error({ error, attempt, action: failure.action }, 'a reaction failed');
      if (failure.action === 'park') parked(1, { service: service.name });
      return failure;
    },
  };
  return consumeSteadily(bus, options, log);
};
