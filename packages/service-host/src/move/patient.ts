import { setTimeout as pause } from 'node:timers/promises';
import { isUnavailable } from '@flexistream/kernel';

const GIVE_UP_MS = 120_000;
const PAUSE_MS = 500;

/**
 * The same store, whose calls are made again while the engine is away: stores fail within seconds, as clients wait for them, and here nobody
 * does. For calls that may be repeated.
 */
export const patient = <T extends object>(store: T, giveUpMs = GIVE_UP_MS): T =>
  new Proxy(store, {
    get: (target, name) => {
      const member: unknown = Reflect.get(target, name, target);
      if (typeof member !== 'function') return member;
      return (...args: unknown[]) => repeated(async () => member.apply(target, args), giveUpMs);
    },
  });

const repeated = async (work: () => Promise<unknown>, giveUpMs: number): Promise<unknown> => {
  for (const end = Date.now() + giveUpMs; ; ) {
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error) || Date.now() > end) throw error;
      await pause(PAUSE_MS);
    }
  }
};
