export { type KeyImport, openKeyImport } from './key-import.ts';
export { type MongoKeyStoreOptions, openMongoKeyStore } from './mongo-key-store.ts';
