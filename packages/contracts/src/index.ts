export * from './identities.ts';
export * from './integration-events.ts';
export * from './internal-calls.ts';
export * from './routes.ts';
export * from './stream-prefixes.ts';
