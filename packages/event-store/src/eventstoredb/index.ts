import { EventStoreDb, type EventStoreDbOptions } from './event-store-db.ts';

export { connectEventStoreDb, EventStoreDbConnection } from './connection.ts';
export { EventStoreDb, type EventStoreDbOptions } from './event-store-db.ts';
export { type ImportedAppend, LogImport, type LogImportOptions } from './log-import.ts';

/** One service's log on a connection that the process shares. Nothing is asked of the server before the first use. */
export const openEventStoreDb = (options: EventStoreDbOptions): EventStoreDb => new EventStoreDb(options);
