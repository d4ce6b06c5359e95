import { type IntegrationEvent, type ServiceName, topicOf } from '@flexistream/contracts';
import type { EventBus } from '@flexistream/event-bus';
import type { EventStore } from '@flexistream/event-store';
import type { StoredEvent } from '@flexistream/kernel';
import { currentTraceparent, type Log, traced } from '@flexistream/observability';
import type { ProjectionRef, ReadModels, Turn } from '@flexistream/read-models';
import { keepTrying } from './keep-trying.ts';
import type { Relay } from './service.ts';

/** Where a relay keeps its checkpoint; it has no documents and is never rebuilt. */
export const relayCheckpoint: ProjectionRef = { name: 'relay', version: 1, collections: [] };

export interface RelayParts {
  readonly service: ServiceName;
  readonly store: EventStore;
  readonly readModels: ReadModels;
  readonly bus: EventBus;
  readonly publishes: Relay;
  /** Without one, it always falls to this instance. */
  readonly turn: Turn | undefined;
  readonly log: Log;
}

/**
 * Publishes a service's integration events from its own log: at least once, in order, the checkpoint after the publication
 * (design §6). Nothing is published from a request handler, so a crash loses nothing and invents nothing.
 */
export const startRelay = ({ service, store, readModels, bus, publishes, turn, log }: RelayParts): { stop(): Promise<void> } => {
  const stopping = new AbortController();
  const pump = async (): Promise<void> => {
    const signal = turn === undefined ? stopping.signal : AbortSignal.any([stopping.signal, await turn.mine(stopping.signal)]);
    const after = await readModels.checkpoint(relayCheckpoint);
    for await (const batch of store.subscribe({ after, signal })) {
      for (const event of batch) await publish(event);
      const last = batch.at(-1);
      if (last !== undefined) await readModels.apply(relayCheckpoint, [], last.position);
    }
  };
  const publish = async (event: StoredEvent): Promise<void> => {
    const published = publishes(event);
    if (published.length === 0) return;
    await traced('publish', { parent: event.metadata.traceparent, kind: 'producer' }, async () => {
      const traceparent = currentTraceparent() ?? event.metadata.traceparent;
      const events = published.map(
        (one): IntegrationEvent =>
          ({
            specversion: '1.0',
            id: event.id,
            source: service,
            time: event.metadata.at,
            sequence: event.revision,
            correlation: event.metadata.correlation,
            ...(traceparent === undefined ? {} : { traceparent }),
            ...one,
          }) as IntegrationEvent,
      );
      await bus.publish(topicOf(service as IntegrationEvent['source']), events);
    });
  };
  const pumpOrPassOn = async (): Promise<void> => {
    try {
      await pump();
    } catch (error) {
      turn?.passOn();
      throw error;
    }
  };
  const running = keepTrying('relay', pumpOrPassOn, stopping.signal, log);
  return {
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};
