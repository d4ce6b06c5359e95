import { type StoredEvent, Unavailable } from '@flexistream/kernel';
import { describe, expect, test } from '@jest/globals';
import { follow } from './follow.ts';
import type { ReadModels } from './port.ts';
import { retryParked } from './retry-parked.ts';
import { burnt, cursed, type LetterStore, letterStore, lettersView, read, written } from './spec-support/letters.ts';

const view = lettersView();
const open = (event: StoredEvent) => event;
const silent = { error: () => {} };

const ready = async (): Promise<LetterStore> => {
  const store = await letterStore();
  await store.readModels.declare([view]);
  return store;
};
const letter = ({ readModels }: LetterStore, id: string) => readModels.get(view, 'letters', id);
const total = ({ readModels }: LetterStore, id: string) => readModels.get(view, 'totals', id);

/** Read models whose next writes fail, as in an outage. */
const failing = (models: ReadModels, times: number): ReadModels => {
  let left = times;
  return {
    declare: (...args) => models.declare(...args),
    get: (...args) => models.get(...args),
    getMany: (...args) => models.getMany(...args),
    find: (...args) => models.find(...args),
    apply: async (...args) => {
      if (left-- > 0) throw new Unavailable('not now');
      return models.apply(...args);
    },
    checkpoint: (...args) => models.checkpoint(...args),
    beginRebuild: (...args) => models.beginRebuild(...args),
    finishRebuild: (...args) => models.finishRebuild(...args),
    parked: (...args) => models.parked(...args),
    unpark: (...args) => models.unpark(...args),
    keepOnly: (...args) => models.keepOnly(...args),
    close: () => models.close(),
  };
};

describe('a following projection', () => {
  test('takes in what is there and what comes', async () => {
    await using store = await ready();
    await store.tell(written('1'), read('1'));
    const follower = follow({ ...store, projection: view, open });
    const position = await store.tell(read('1'), written('2'), burnt('2'));
    await follower.whenReached(position);
    expect([await letter(store, '1'), await letter(store, '2')]).toEqual([{ to: 'Jane', read: 2 }, undefined]);
    expect([await total(store, 'Jane'), await total(store, 'burnt')]).toEqual([{ written: 2 }, { count: 1 }]);
    expect([await follower.lag(), await store.readModels.checkpoint(view)]).toEqual([0, position]);
    await follower.whenReached(1);
    await follower.stop();
  });

  test('goes on where it stopped, and takes nothing in twice', async () => {
    await using store = await ready();
    for (let n = 1; n <= 5; n++) {
      const follower = follow({ ...store, projection: view, open, batch: n });
      await follower.whenReached(await store.tell(written(`${n}`), written(`${n}0`)));
      await follower.stop();
      await store.tell(written(`${n}00`));
    }
    const follower = follow({ ...store, projection: view, open });
    await follower.whenReached(await store.eventStore.head());
    expect(await total(store, 'Jane')).toEqual({ written: 15 });
    await follower.stop();
  });

  test('finishes the batch that it works on when it is stopped', async () => {
    await using store = await ready();
    const opening = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const slow = async (event: StoredEvent) => {
      opening.resolve();
      await opened.promise;
      return event;
    };
    const position = await store.tell(written('1'), written('2'));
    const follower = follow({ ...store, projection: view, open: slow });
    await opening.promise;
    const stopped = follower.stop();
    opened.resolve();
    await stopped;
    expect([await store.readModels.checkpoint(view), await total(store, 'Jane')]).toEqual([position, { written: 2 }]);
  });

  test('tells how far it is behind', async () => {
    await using store = await ready();
    await store.tell(written('1'), written('2'), written('3'));
    const follower = follow({
      ...store,
      readModels: failing(store.readModels, Number.POSITIVE_INFINITY),
      projection: view,
      open,
      log: silent,
    });
    expect(await follower.lag()).toBe(3);
    await follower.stop();
  });

  test('waits out an outage of the views and of the keys', async () => {
    await using store = await ready();
    let closed = 2;
    const locked = (event: StoredEvent) => {
      if (closed-- > 0) throw new Unavailable('no keys');
      return event;
    };
    const position = await store.tell(written('1'), written('2'));
    const logged: unknown[] = [];
    const log = { error: (details: object) => logged.push(details) };
    const follower = follow({ ...store, readModels: failing(store.readModels, 2), projection: view, open: locked, log });
    await follower.whenReached(position);
    expect([await total(store, 'Jane'), await store.readModels.parked(), logged.length]).toEqual([{ written: 2 }, [], 4]);
    await follower.stop();
  });

  test('ends with its store', async () => {
    await using store = await ready();
    const follower = follow({ ...store, projection: view, open });
    await follower.whenReached(await store.tell(written('1')));
    await store.close();
    await follower.stop();
  });
});

describe('a projection that several instances follow', () => {
  /** Turns that a spec gives. */
  const turns = () => {
    let got = Promise.withResolvers<AbortController>();
    let passed = 0;
    return {
      passOn: () => void passed++,
      passed: () => passed,
      mine: (signal: AbortSignal) =>
        Promise.race([
          got.promise.then((turn) => turn.signal),
          new Promise<AbortSignal>((resolve) => signal.addEventListener('abort', () => resolve(signal))),
        ]),
      give: () => got.resolve(new AbortController()),
      take: async () => {
        const turn = await got.promise;
        got = Promise.withResolvers();
        turn.abort();
      },
    };
  };

  test('is worked on by the one whose turn it is; who waits elsewhere learns of it', async () => {
    await using store = await ready();
    const [mine, others] = [turns(), turns()];
    let asked = 0;
    const notHere = (event: StoredEvent) => {
      asked++;
      return event;
    };
    const follower = follow({ ...store, projection: view, open, turn: mine });
    const standsBy = follow({ ...store, projection: view, open: notHere, turn: others });
    mine.give();
    for (let n = 0; n < 5; n++) await standsBy.whenReached(await store.tell(written(`${n}`)));
    expect([await standsBy.lag(), await total(store, 'Jane'), asked]).toEqual([0, { written: 5 }, 0]);
    await mine.take();
    others.give();
    await follower.whenReached(await store.tell(written('5')));
    expect([await follower.lag(), await total(store, 'Jane'), asked]).toEqual([0, { written: 6 }, 1]);
    await Promise.all([follower.stop(), standsBy.stop()]);
  });

  test('is passed on where it fails', async () => {
    await using store = await ready();
    const mine = turns();
    mine.give();
    const readModels = failing(store.readModels, 2);
    const follower = follow({ ...store, readModels, projection: view, open, turn: mine, log: silent });
    await follower.whenReached(await store.tell(written('1')));
    expect([await total(store, 'Jane'), mine.passed()]).toEqual([{ written: 1 }, 2]);
    await follower.stop();
  });

  test('is worked on out of turn where somebody waits and nothing comes', async () => {
    await using store = await ready();
    const follower = follow({ ...store, projection: view, open, turn: turns() });
    await follower.whenReached(await store.tell(written('1')));
    expect(await total(store, 'Jane')).toEqual({ written: 1 });
    await follower.stop();
  });

  test('goes on after an outage of the views while it stands by', async () => {
    await using store = await ready();
    let outages = 2;
    const readModels = Object.assign(failing(store.readModels, 0), {
      checkpoint: async (projection: typeof view) => {
        if (outages-- > 0) throw new Unavailable('not now');
        return store.readModels.checkpoint(projection);
      },
    });
    const logged: unknown[] = [];
    const log = { error: (details: object) => logged.push(details) };
    const follower = follow({ ...store, readModels, projection: view, open, turn: turns(), log });
    await follower.whenReached(await store.tell(written('1')));
    expect([await total(store, 'Jane'), logged.length]).toEqual([{ written: 1 }, 2]);
    await follower.stop();
  });
});

describe('an event that a following projection cannot take', () => {
  test('is parked with later ones of its stream, the others go on', async () => {
    await using store = await ready();
    const logged: unknown[] = [];
    const follower = follow({ ...store, projection: view, open, batch: 2, log: { error: (details) => logged.push(details) } });
    await follower.whenReached(await store.tell(written('1'), cursed('1'), read('1'), written('2'), read('2'), read('1')));
    expect([await letter(store, '1'), await letter(store, '2')]).toEqual([
      { to: 'Jane', read: 0 },
      { to: 'Jane', read: 1 },
    ]);
    const parked = await store.readModels.parked(view);
    expect(parked.map(({ position, key }) => [position, key])).toEqual([
      [2, 'letter-1'],
      [3, 'letter-1'],
      [6, 'letter-1'],
    ]);
    expect(parked[0]?.error).toMatch(/^Error in spec-support\/letters\.ts:\d+$/);
    expect(logged).toContainEqual(expect.objectContaining({ position: 2, error: expect.any(Error) }));
    await follower.stop();
  });

  test('goes through in order when it is retried after the fault was mended', async () => {
    await using store = await ready();
    let cured = false;
    const follower = follow({ ...store, projection: lettersView(() => cured), open });
    await follower.whenReached(await store.tell(written('1'), cursed('1'), read('1'), written('2')));
    expect(await follower.retryParked('letter-1')).toBe(0);
    cured = true;
    expect(await follower.retryParked('letter-2')).toBe(0);
    expect(await follower.retryParked('letter-1')).toBe(2);
    await follower.whenReached(await store.tell(read('1')));
    expect([await letter(store, '1'), await total(store, 'cursed')]).toEqual([{ to: 'Jane', read: 2, cursed: true }, { count: 1 }]);
    expect(await store.readModels.parked()).toEqual([]);
    await follower.stop();
  });

  test('is retried up to the first that fails again', async () => {
    await using store = await ready();
    let cures = 0;
    const projection = lettersView(() => cures-- > 0);
    const follower = follow({ ...store, projection, open });
    await follower.whenReached(await store.tell(written('1'), cursed('1'), read('1'), cursed('1'), read('1')));
    cures = 1;
    expect(await retryParked({ ...store, projection, open }, 'letter-1')).toBe(2);
    expect((await store.readModels.parked()).map(({ position }) => position)).toEqual([4, 5]);
    expect(await letter(store, '1')).toEqual({ to: 'Jane', read: 1, cursed: true });
    await follower.stop();
  });

  test('is forgotten at a retry when its stream is gone', async () => {
    await using store = await ready();
    const follower = follow({ ...store, projection: view, open });
    await follower.whenReached(await store.tell(written('1'), cursed('1')));
    await store.eventStore.remove('letter-1');
    expect(await follower.retryParked('letter-1')).toBe(1);
    expect(await store.readModels.parked()).toEqual([]);
    await follower.stop();
  });

  test('is retried while its stream goes on, and nothing is lost or out of order', async () => {
    await using store = await ready();
    let cured = false;
    const follower = follow({ ...store, projection: lettersView(() => cured), open, batch: 3 });
    await follower.whenReached(await store.tell(written('1'), cursed('1')));
    cured = true;
    const appending = Promise.all(Array.from({ length: 30 }, () => store.tell(read('1'))));
    await follower.retryParked('letter-1');
    await appending;
    await follower.whenReached(await store.eventStore.head());
    await follower.retryParked('letter-1');
    expect([await letter(store, '1'), await store.readModels.parked()]).toEqual([{ to: 'Jane', read: 30, cursed: true }, []]);
    await follower.stop();
  });
});
