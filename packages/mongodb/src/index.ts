export { openMongoClient } from './client.ts';
export { isDocumentRefused, isDuplicate, translated } from './errors.ts';
export { type Index, keepIndexes, makeIndexes } from './indexes.ts';
export { UntilClosed } from './until-closed.ts';
