import { type CommandContext, fixedClock, isoMoment, uuidv7 } from '@flexistream/kernel';
import { MemoryJournal } from '@flexistream/kernel/spec';
import { loadMasterKey, MemoryKeyStore, openVault } from '@flexistream/key-store';
import type { Ports, ServiceJournal } from '@flexistream/service-host';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Life, mortalJournal } from '../spec-support/mortal.ts';
import { sha256 } from '../spec-support/world.ts';
import { ApiKeys } from './keys.ts';

const clock = fixedClock();
const context = (): CommandContext => {
  const id = uuidv7();
  return { id, correlation: id, actor: 'account:7', at: isoMoment(clock()) };
};

/** Several processes on one log: each has a journal of its own, so that they meet in the log only, and a life of its own. */
const processesOn = async (journal: MemoryJournal) => {
  const keys = new MemoryKeyStore();
  const masterKey = await loadMasterKey({ text: '0'.repeat(64), folder: '' });
  const vault = await openVault({ keys, masterKey, service: 'tokens' });
  return (stepsToLive: number): ApiKeys => {
    const life = new Life();
    life.killAfter(stepsToLive);
    const ask = () => life.survive(async () => [{ id: 7, credentialVersion: 1 }]);
    const ports = { journal: mortalJournal(journal as unknown as ServiceJournal, life), vault, ask, clock } as unknown as Ports;
    return new ApiKeys(ports, { APP_API_KEY_EXPIRATION_MINUTES: 60, APP_ACCOUNT_CREATION_TOKEN_EXPIRATION_MINUTES: 0 });
  };
};

/** So many steps has a process that asks for a key: one that lives longer answers. */
const STEPS = 6;

test('an account has one user key at most, whichever processes are asked at the same time and killed at whatever step', async () => {
  const rounds = fc.array(fc.array(fc.integer({ min: 0, max: STEPS + 3 }), { minLength: 1, maxLength: 3 }), { maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(rounds, async (parallel) => {
      const startProcess = await processesOn(new MemoryJournal());
      const observer = startProcess(Number.POSITIVE_INFINITY);
      const answered: string[] = [];
      for (const lives of parallel) {
        const asked = lives.map((steps) => startProcess(steps).renewUserKey(7, '203.0.113.5', context()));
        const keys = (await Promise.allSettled(asked)).flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
        answered.push(...keys);
        const found = await Promise.all(answered.map((key) => observer.resolve(sha256(key))));
        const counting = answered.filter((_, index) => found[index] !== undefined);
        expect(counting.length).toBeLessThanOrEqual(1);
        const allLived = lives.every((steps) => steps > STEPS);
        if (allLived) expect(keys).toContain(counting[0]); // what was answered works, unless a parallel one came after it
      }
    }),
    { numRuns: 60 },
  );
});
