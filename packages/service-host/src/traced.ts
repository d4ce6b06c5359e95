import { traced, tracedSync, tracingEnabled } from '@flexistream/observability';
import type { Projection } from '@flexistream/read-models';
import type { AnyService } from './service.ts';

/** Each event that a projection takes in is part of the trace of the request that caused it. */
export const tracedProjection = (projection: Projection): Projection => ({
  ...projection,
  changes: (event) =>
    tracingEnabled()
      ? tracedSync(`project ${projection.name}`, { parent: event.metadata.traceparent }, () => projection.changes(event))
      : projection.changes(event),
});

/** Each command or query is a span of its own below the request. */
export const tracedHandlers = ({ name, handlers }: AnyService): AnyService['handlers'] =>
  Object.fromEntries(
    Object.entries(handlers).map(([id, handler]) => {
      const answer = handler as unknown as (call: unknown) => Promise<unknown>;
      return [id, (call: unknown) => (tracingEnabled() ? traced(`${name} ${id}`, {}, () => answer(call)) : answer(call))];
    }),
  );
