export { type DocumentsInMongo, openDocumentsInMongo } from './documents-in-mongo.ts';
export { type MongoReadModelsOptions, openMongoReadModels } from './mongo-read-models.ts';
