export { type DocumentAtRest, type DocumentsAtRest, openDocumentsAtRest } from './documents-at-rest.ts';
export { EmbeddedReadModels } from './embedded-read-models.ts';
export {
  type OpenDividedStoreOptions,
  type OpenServiceStoreOptions,
  openDividedStore,
  openReadModels,
  openServiceStore,
  type ServiceStore,
} from './service-store.ts';
