import { setTimeout as pause } from 'node:timers/promises';
import { test } from '@jest/globals';
import { Load } from './load.ts';
import { onSplit } from './on-split.ts';
import { rightsEnd } from './rights.ts';
import { survive } from './survive.ts';

const SILENT_MS = 4_000;
/** Between two deaths of a gateway: long enough for an answer. */
const SERVES_MS = 500;
const AT_MOST_MS = 120_000;

onSplit(
  'services under a light load',
  () => ({ gateways: 2 }),
  (split) => {
    test.each([
      ['spaces', 'account'],
      ['tokens', 'account'],
      ['accounts', 'account'],
      ['notifications', undefined],
      ['statistics', 'call'],
      ['gateway', 'account'],
    ] as const)(
      'kill -9 of %s and a restart: nothing acknowledged is lost, calls are held',
      async (name, felt) => {
        const victim = split().instance(name);
        await survive(split(), { breaks: () => victim.kill(), mends: () => victim.start(), cut: name === 'gateway', felt });
      },
      AT_MOST_MS,
    );

    test.each([
      ['accounts', 'account'],
      ['statistics', 'call'],
    ] as const)(
      '%s is there and silent for 4 s: the same',
      async (name, felt) => {
        const victim = split().instance(name);
        const thaws = async (): Promise<void> => {
          await pause(SILENT_MS); // nothing ends it sooner
          victim.thaw();
        };
        await survive(split(), { breaks: async () => victim.freeze(), mends: thaws, felt });
      },
      AT_MOST_MS,
    );

    rightsEnd(split, ' while a gateway is killed and restarted in mid-load', async () => {
      const load = new Load(split(), { username: 'nobody.known', domain: 'sip.localhost' });
      const second = split().instance('gateway', 1);
      let over = false;
      const restarting = (async () => {
        while (!over) {
          await second.kill();
          await second.start();
          await pause(SERVES_MS);
        }
      })();
      return async () => {
        over = true;
        await restarting;
        await load.stop();
      };
    });
  },
);

onSplit(
  'two of each under a light load',
  () => ({ gateways: 2, accounts: 2, statistics: 2 }),
  (split) => {
    test.each(['accounts', 'statistics'] as const)(
      'kill -9 of one of two %s: the other one serves',
      async (name) => {
        const victim = split().instance(name, 1);
        const goesOn = async (): Promise<void> => {
          await pause(SILENT_MS);
          await victim.start();
        };
        await survive(split(), { breaks: () => victim.kill(), mends: goesOn, felt: undefined });
      },
      AT_MOST_MS,
    );
  },
);
