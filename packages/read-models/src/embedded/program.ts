import type { DatabaseSync } from 'node:sqlite';
import type { Program } from '@flexistream/sqlite/program';
import { type ViewsOperations, viewsProgram } from './views-program.ts';

/** A file that holds documents only: their projections follow a log that is elsewhere. */
export const open = (database: DatabaseSync): Program<ViewsOperations> => viewsProgram(database);
