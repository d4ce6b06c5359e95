import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Holders } from './holders.ts';

test('every version stays what it was, whatever is derived from it', () => {
  const step = fc.record({ from: fc.nat(), owner: fc.constantFrom('a', 'b', 'c', 'd'), adds: fc.boolean() });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const versions = [{ holders: new Holders(), model: new Set<string>() }];
      for (const { from, owner, adds } of steps) {
        const { holders, model } = versions[from % versions.length] ?? { holders: new Holders(), model: new Set<string>() };
        const next = new Set(model);
        if (adds) next.add(owner);
        else next.delete(owner);
        versions.push({ holders: adds ? holders.with(owner) : holders.without(owner), model: next });
      }
      for (const { holders, model } of versions) {
        expect(holders.size).toBe(model.size);
        for (const owner of 'abcd') expect(holders.has(owner)).toBe(model.has(owner));
      }
    }),
  );
});
