import { describe, test } from '@jest/globals';
import { serveBy } from '../server-process.ts';
import { missingEngines, startSplit } from './start-split.ts';

/** The cases of tests/blackbox, unchanged, asked of split processes: what they say of the API holds there too. */
const suites = [
  'accounts',
  'account-life',
  'spaces',
  'races',
  'api-key',
  'curl-digest',
  'creation-token',
  'hosts-and-languages',
  'jwt',
  'doors',
  'authorisation-matrix',
];

const missing = missingEngines();
if (missing.length > 0) describe('split processes', () => test.skip(`without ${missing.join(', ')}`, () => {}));
else {
  serveBy(startSplit);
  for (const suite of suites) await import(`../blackbox/${suite}.spec.ts`);
}
