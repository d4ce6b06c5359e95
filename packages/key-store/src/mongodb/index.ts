export { type MongoKeyStoreOptions, openMongoKeyStore } from './mongo-key-store.ts';
