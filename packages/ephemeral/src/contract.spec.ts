import { type Clock, fixedClock } from '@flexistream/kernel';
import { type Arrange, brokenPromises } from '@flexistream/kernel/contract';
import { describe, expect, test } from '@jest/globals';
import { type EphemeralSetting, ephemeralPromises } from './contract.ts';
import { MemoryEphemeral, type Value } from './embedded/memory.ts';
import type { Ephemeral } from './port.ts';

type Break = (store: MemoryEphemeral, clock: Clock) => Partial<Ephemeral>;

/** A store in memory whose durable values outlive it, with some of its operations replaced. */
const broken =
  (replace: Break): Arrange<EphemeralSetting> =>
  async () => {
    const clock = fixedClock();
    const kept = new Map<string, Value>();
    const remember = (key: string, value: Value | undefined) => {
      if (value === undefined) kept.delete(key);
      else kept.set(key, value);
    };
    const open = async () => {
      const store = new MemoryEphemeral({ clock, limit: 1_000, remember });
      for (const [key, { value, expiresAt }] of kept) store.recall(key, value, expiresAt);
      return Object.assign(store, replace(store, clock));
    };
    return { open, pass: async (milliseconds) => clock.advance(milliseconds), [Symbol.asyncDispose]: async () => {} };
  };

const mutations: Record<string, { readonly replace: Break; readonly noticed: string }> = {
  'values never end': {
    noticed: 'forgets a value when its time is over, not before',
    replace: (store) => {
      const set = store.set.bind(store);
      return { set: (key, value, options) => set(key, value, { ...options, ttl: 1e12 }) };
    },
  },
  'a second setting keeps the first time': {
    noticed: 'starts the time anew with each setting',
    replace: (store) => {
      const set = store.set.bind(store);
      const ends = new Map<string, number>();
      return {
        set: (key, value, options) => {
          const ttl = ends.get(key) ?? options.ttl;
          ends.set(key, ttl);
          return set(key, value, { ...options, ttl });
        },
      };
    },
  },
  'removing forgets windows only in part': {
    noticed: 'removes a value, a sum and a window',
    replace: (store) => ({ remove: async (key) => void (await store.take(key)) }),
  },
  'taking is looking, then removing': {
    noticed: 'gives a value to one of twenty takers',
    replace: (store) => ({
      take: async (key) => {
        const value = await store.get(key);
        await store.remove(key);
        return value;
      },
    }),
  },
  'durable is not heeded': {
    noticed: 'keeps a durable value over a restart, and its time',
    replace: (store) => {
      const set = store.set.bind(store);
      return { set: (key, value, { ttl }) => set(key, value, { ttl }) };
    },
  },
  'removals are not durable': {
    noticed: 'does not bring a durable value back that was removed, taken or set anew',
    replace: () => {
      const hidden = new Set<string>();
      return { remove: async (key) => void hidden.add(key) };
    },
  },
  'once is asking, then setting': {
    noticed: 'says once to one of twenty callers, and again when the time is over',
    replace: (store) => ({
      once: async (key, ttl) => {
        if ((await store.get(key)) !== undefined) return false;
        await store.set(key, '', { ttl });
        return true;
      },
    }),
  },
  'asking prolongs once': {
    noticed: 'does not prolong once by asking',
    replace: (store) => {
      const once = store.once.bind(store);
      return {
        once: async (key, ttl) => {
          const first = await once(key, ttl);
          await store.set(key, '', { ttl });
          return first;
        },
      };
    },
  },
  'adding is reading, then writing': {
    noticed: 'loses none of fifty additions',
    replace: (store) => ({
      add: async (key, by, ttl) => {
        const value = Number((await store.get(key)) ?? 0) + by;
        await store.set(key, String(value), { ttl });
        return { value, expiresIn: ttl };
      },
    }),
  },
  'each addition prolongs': {
    noticed: 'starts the time of a sum with its first addition',
    replace: (_, clock) => {
      const sums = new Map<string, { value: number; end: number }>();
      return {
        add: async (key, by, ttl) => {
          const known = sums.get(key);
          const value = (known !== undefined && known.end > clock() ? known.value : 0) + by;
          sums.set(key, { value, end: clock() + ttl });
          return { value, expiresIn: ttl };
        },
      };
    },
  },
  'only rising values are taken': {
    noticed: 'takes each counter value once, also those that were overtaken',
    replace: () => {
      const highest = new Map<string, number>();
      return {
        advance: async (key, value) => {
          if (value <= (highest.get(key) ?? -1)) return 'seen';
          highest.set(key, value);
          return 'fresh';
        },
      };
    },
  },
  'the window has no lower end': {
    noticed: 'takes nothing from below the window',
    replace: () => {
      const seen = new Set<string>();
      return {
        advance: async (key, value) => {
          const had = seen.has(`${key} ${value}`);
          seen.add(`${key} ${value}`);
          return had ? 'seen' : 'fresh';
        },
      };
    },
  },
  'only 32 bits are kept': {
    noticed: 'remembers what was taken when the highest rises',
    replace: (store) => {
      const advance = store.advance.bind(store);
      return { advance: (key, value, window, ttl) => advance(key, value, Math.min(window, 32), ttl) };
    },
  },
  'counters are signed 32-bit numbers': {
    noticed: 'takes counters of eight hex digits',
    replace: (store) => {
      const advance = store.advance.bind(store);
      return { advance: (key, value, window, ttl) => advance(key, value | 0, window, ttl) };
    },
  },
  'advancing is reading, then writing': {
    noticed: 'lets each of sixty values in once, sent five times in parallel',
    replace: (store) => ({
      advance: async (key, value, _, ttl) => {
        const seen = ((await store.get(key)) ?? '').split(' ');
        if (seen.includes(String(value))) return 'seen';
        await store.set(key, [...seen, value].join(' '), { ttl });
        return 'fresh';
      },
    }),
  },
  'a window ends while it is used': {
    noticed: 'remembers a window as long as it is used',
    replace: (store, clock) => {
      const advance = store.advance.bind(store);
      const ends = new Map<string, number>();
      return {
        advance: async (key, value, window, ttl) => {
          const end = ends.get(key) ?? clock() + ttl;
          ends.set(key, end);
          if (end <= clock()) await store.remove(key);
          return advance(key, value, window, ttl);
        },
      };
    },
  },
  'the epoch outlives the windows': {
    noticed: 'has one epoch, and another one after windows were lost',
    replace: () => ({ epoch: async () => 'always the same epoch' }),
  },
};

describe("the ephemeral store's contract", () => {
  test('is kept by a store that is not broken', async () =>
    expect(
      await brokenPromises(
        ephemeralPromises,
        broken(() => ({})),
      ),
    ).toEqual([]));

  for (const [name, { replace, noticed }] of Object.entries(mutations))
    test(`notices that ${name}`, async () => expect(await brokenPromises(ephemeralPromises, broken(replace))).toContain(noticed));
});
