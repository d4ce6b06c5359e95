export * from './claims.ts';
export * from './clock.ts';
export * from './decider.ts';
export * from './events.ts';
export * from './handle.ts';
export * from './ids.ts';
export * from './journal.ts';
export { MemoryJournal } from './memory-journal.ts';
export * from './sequence.ts';
