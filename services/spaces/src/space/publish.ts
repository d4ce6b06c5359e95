import type { Relay } from '@flexistream/service-host';
import { spaceEvents, spaceIdOf } from './events.ts';

/** Told from the spaces' own streams, so that `sequence` counts per space. What changed is asked of us by id (design §6). */
export const publishSpaces: Relay = ({ stream, type }) => {
  const spaceId = spaceIdOf(stream);
  if (spaceId === undefined || !(type in spaceEvents.types)) return [];
  const told = type === 'SpaceCreated' ? 'space.created.v1' : type === 'SpaceDeleted' ? 'space.deleted.v1' : 'space.changed.v1';
  return [{ type: told, subject: spaceId, data: { spaceId } }];
};
