export { EmbeddedReadModels } from './embedded-read-models.ts';
export { type OpenServiceStoreOptions, openReadModels, openServiceStore, type ServiceStore } from './service-store.ts';
