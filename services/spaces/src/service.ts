import { streamPrefixes } from '@flexistream/contracts';
import type { Ports, Service } from '@flexistream/service-host';
import { makeParts } from './parts.ts';
import { spaceAnswers } from './register/answers.ts';
import { createSpace } from './register/create.ts';
import { listSpaces, readSpace } from './register/read.ts';
import { deleteSpace } from './register/remove.ts';
import { spaceSchedules } from './register/sweep.ts';
import { updateSpace } from './register/update.ts';
import type { SpacesSettings } from './settings.ts';
import { mailServerRoutes } from './space/mail-server-routes.ts';
import { publishSpaces } from './space/publish.ts';
import { spaceView } from './space/view.ts';

export { spacesSettings } from './settings.ts';

/** Spaces, the tenants of the platform, and their mail servers (spec spaces.md). */
export const spacesService = (ports: Ports, settings: SpacesSettings): Service<'spaces'> => {
  const parts = makeParts(ports, settings);
  return {
    name: 'spaces',
    prefixes: streamPrefixes.spaces,
    handlers: {
      listSpaces: listSpaces(parts),
      readSpace: readSpace(parts),
      createSpace: createSpace(parts),
      updateSpace: updateSpace(parts),
      deleteSpace: deleteSpace(parts),
      ...mailServerRoutes(parts),
    },
    answers: spaceAnswers(parts),
    projections: [spaceView],
    publishes: publishSpaces,
    reactions: [],
    schedules: spaceSchedules(parts),
  };
};
