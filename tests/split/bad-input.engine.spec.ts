import { describe, test } from '@jest/globals';
import { serveBy } from '../server-process.ts';
import { missingEngines, startSplit } from './start-split.ts';

/** In a file of its own: what it sends is nobody's, and would be found again in any name (`null`, `1`, `constructor`). */
const missing = missingEngines();
if (missing.length > 0) describe('bad input, split processes', () => test.skip(`without ${missing.join(', ')}`, () => {}));
else {
  serveBy(startSplit);
  await import('../blackbox/bad-input.spec.ts');
}
