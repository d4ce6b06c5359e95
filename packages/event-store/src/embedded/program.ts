import type { DatabaseSync } from 'node:sqlite';
import type { Program } from '@flexistream/sqlite/program';
import { type LogOperations, logProgram } from './log-program.ts';

export * from './log-program.ts';

/** A file that holds nothing but a log. */
export const open = (database: DatabaseSync): Program<LogOperations> => logProgram(database);
