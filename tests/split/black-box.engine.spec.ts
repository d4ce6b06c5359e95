import { describe, test } from '@jest/globals';
import { watchExchanges } from '../client.ts';
import { type ServerOptions, serveBy } from '../server-process.ts';
import { UsedValues } from '../used-values.ts';
import { leftBehindCases, ordinaryWords } from './left-behind.ts';
import { missingEngines, type Split, startSplit } from './start-split.ts';

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
  'erasure',
  'secrecy',
  'shutdown',
  'traces',
];

const missing = missingEngines();
if (missing.length > 0) describe('split processes', () => test.skip(`without ${missing.join(', ')}`, () => {}));
else {
  const used = new UsedValues(ordinaryWords);
  const installations: string[] = [];
  const start = async (options?: ServerOptions): Promise<Split> => {
    const split = await startSplit(options);
    installations.push(split.installation);
    return split;
  };
  watchExchanges(used.learn);
  serveBy(start);
  for (const suite of suites) await import(`../blackbox/${suite}.spec.ts`);
  describe('what all of them left on the engines', () => leftBehindCases({ start, used, installations }));
}
