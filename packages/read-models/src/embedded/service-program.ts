import type { DatabaseSync } from 'node:sqlite';
import { type LogOperations, logProgram } from '@flexistream/event-store/embedded/program';
import type { Program } from '@flexistream/sqlite/program';
import { InlineWriter } from './inline-writer.ts';
import { type ViewsOperations, viewsProgram } from './views-program.ts';

/** A type, not an interface: only so is it a table of operations to the compiler. */
export type ServiceOperations = LogOperations & ViewsOperations;

/** A service's log and its documents in one file, so that an append and its inline views are one transaction. */
export const open = (database: DatabaseSync): Program<ServiceOperations> => {
  const views = viewsProgram(database);
  const log = logProgram(database, (events) => new InlineWriter(events, views));
  return { operations: { ...log.operations, ...views.operations }, beforeCommit: () => views.states.save() };
};
