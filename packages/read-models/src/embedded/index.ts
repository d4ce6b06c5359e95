export { type DocumentAtRest, type DocumentsAtRest, openDocumentsAtRest } from './documents-at-rest.ts';
export { EmbeddedReadModels } from './embedded-read-models.ts';
export { type OpenServiceStoreOptions, openReadModels, openServiceStore, type ServiceStore } from './service-store.ts';
