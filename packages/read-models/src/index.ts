export { describeFailure } from './failure.ts';
export { type DocumentWrite, foldBatch, foldLate, type Held, HeldDocuments, readsOf } from './fold-batch.ts';
export { type Follower, type FollowOptions, follow } from './follow.ts';
export type { InlineChanges } from './inline-changes.ts';
export { MemoryReadModels } from './memory-read-models.ts';
export * from './port.ts';
export * from './projection.ts';
export { type RebuildOptions, rebuildProjections } from './rebuild.ts';
export { type RetryOptions, retryParked } from './retry-parked.ts';
