export { type DoubleOptions, type EventStoreDbDouble, startEventStoreDbDouble, VERSION } from './double.ts';
export type { Fault, Faults, Operation } from './faults.ts';
