export { DataFolder, DataFolderTaken } from './data-folder.ts';
export { type Database, type OpenDatabaseOptions, openDatabase } from './database.ts';
export { InProcessWriter } from './in-process-writer.ts';
export { OperationFailed } from './operation-failed.ts';
export type { OpenProgram, Operations, Program } from './program.ts';
export { openAtRest, Reader } from './reader.ts';
export { refuseOldSqlite } from './version.ts';
export type { Writer } from './writer.ts';
export { WriterThread } from './writer-thread.ts';
