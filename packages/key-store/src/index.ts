export * from './master-key.ts';
export { MemoryKeyStore } from './memory-key-store.ts';
export * from './open-vault.ts';
export * from './port.ts';
export * from './pseudonyms.ts';
export { isTampered, Tampered } from './sealed-box.ts';
export * from './vault.ts';
