import base from './jest.config.mjs';

/** The suites that need an engine of their own: what `npm run test:engines` runs, see tests/engines/run.ts. */
const { testPathIgnorePatterns: _, ...rest } = base;
export default {
  ...rest,
  testMatch: ['**/*.engine.spec.ts'],
  testTimeout: 60_000,
  maxWorkers: 1,
  forceExit: true, // a test that hung leaves connections, and the run has to end and tell of it
};
