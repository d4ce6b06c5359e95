import { type NewEvent, uuidv7 } from '@flexistream/kernel';
import type { Promises } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { InlineChanges } from '../inline-changes.ts';
import type { Change, ProjectionRef } from '../port.ts';
import { add, drop, patch, put } from '../projection.ts';
import { type InlineSetting, type InlineStores, times } from './setting.ts';

const counts: ProjectionRef = { name: 'counts', version: 1, mode: 'inline', collections: [{ name: 'sums', indexes: [['n']] }] };
const names: ProjectionRef = { name: 'names', version: 1, mode: 'inline', collections: [{ name: 'people', indexes: [] }] };
const later: ProjectionRef = { name: 'later', version: 1, mode: 'inline', collections: [{ name: 'sums', indexes: [] }] };
const following: ProjectionRef = { name: 'following', version: 1, mode: 'following', collections: [] };

const opened =
  (check: (stores: InlineStores, again: () => Promise<InlineStores>) => Promise<void>) =>
  async (setting: InlineSetting): Promise<void> => {
    const open = async () => {
      const stores = await setting.open();
      await stores.readModels.declare([counts, names, following]);
      return stores;
    };
    let stores = await open();
    try {
      await check(stores, async () => {
        await stores.close();
        stores = await open();
        return stores;
      });
    } finally {
      await stores.close();
    }
  };

const event = (): NewEvent => ({
  id: uuidv7(),
  type: 'Happened',
  schema: 1,
  data: {},
  metadata: { command: uuidv7(), correlation: uuidv7(), actor: 'public', at: '2026-01-01T00:00:00.000Z' },
});
const of = (projection: ProjectionRef, ...changes: Change[][]): InlineChanges => ({ projection, changes });
const append = ({ eventStore }: InlineStores, stream: string, ...alongside: InlineChanges[]) =>
  eventStore.append(stream, [event()], { expect: 'any', alongside });
const sum = async ({ readModels }: InlineStores, id: string) => (await readModels.get<{ n: number }>(counts, 'sums', id))?.n;
const parkedOf = async ({ readModels }: InlineStores, projection: ProjectionRef) =>
  (await readModels.parked(projection)).map(({ position, key }) => [position, key]);

const writing = {
  'writes its views with the append': opened(async (stores, again) => {
    const { eventStore } = stores;
    expect(eventStore.appendsViews).toBe(true);
    const { position } = await eventStore.append('a-1', [event(), event()], {
      expect: 'no-stream',
      alongside: [
        of(
          counts,
          [put('sums', 'x', { n: 1 }), add('sums', 'y', { n: 5 })],
          [add('sums', 'x', { n: 2 }), patch('sums', 'y', { seen: true })],
        ),
        of(names, [put('people', 'a', { name: 'Ann' }), put('people', 'b', { name: 'Bob' })], [drop('people', 'b')]),
      ],
    });
    const check = async ({ readModels: models }: InlineStores) => {
      expect(await models.get(counts, 'sums', 'x')).toEqual({ n: 3 });
      expect(await models.find(counts, 'sums', { where: { n: 5 }, limit: 2 })).toEqual([{ n: 5, seen: true }]);
      expect([await models.get(names, 'people', 'a'), await models.get(names, 'people', 'b')]).toEqual([{ name: 'Ann' }, undefined]);
      expect([await models.checkpoint(counts), await models.checkpoint(names)]).toEqual([position, position]);
    };
    await check(stores);
    await check(await again());
  }),

  'moves the checkpoints of inline projections with every append, and no other': opened(async (stores) => {
    await append(stores, 'a-1', of(counts, [put('sums', 'x', { n: 1 })]));
    const { position } = await append(stores, 'a-2');
    const checkpoints = [counts, names, following].map((one) => stores.readModels.checkpoint(one));
    expect(await Promise.all(checkpoints)).toEqual([position, position, 0]);
  }),

  'adds up what many writers change in one document at once': opened(async (stores) => {
    await Promise.all(times(60, (n) => append(stores, `a-${n}`, of(counts, [add('sums', 'x', { n: 1 })]))));
    expect(await sum(stores, 'x')).toBe(60);
  }),

  'writes no view of an append that conflicts': opened(async (stores) => {
    const { eventStore } = stores;
    const tries = await Promise.allSettled(
      times(20, (n) =>
        eventStore.append('a-1', [event()], {
          expect: 'no-stream',
          alongside: [of(counts, [add('sums', 'x', { n: 1 }), put('sums', `${n}`, { n })])],
        }),
      ),
    );
    const winner = tries.findIndex(({ status }) => status === 'fulfilled');
    expect(await sum(stores, 'x')).toBe(1);
    expect([...(await stores.readModels.getMany(counts, 'sums', times(20, String))).keys()]).toEqual([`${winner}`]);
  }),

  'writes the views of a resend once': opened(async (stores) => {
    const events = [event()];
    const send = () =>
      stores.eventStore.append('a-1', events, { expect: 'no-stream', alongside: [of(counts, [add('sums', 'x', { n: 1 })])] });
    await Promise.all([send(), send(), send()]);
    expect(await sum(stores, 'x')).toBe(1);
  }),
} satisfies Promises<InlineSetting>;

const parking = {
  'lets an append stand whose projection fails: only that one is undone and parked': opened(async (stores) => {
    await append(stores, 'a-1', of(counts, [put('sums', 'x', { n: 'no number', m: 1 })]));
    const { position } = await stores.eventStore.append('a-2', [event(), event()], {
      expect: 'no-stream',
      alongside: [
        of(counts, [add('sums', 'y', { n: 1 })], [add('sums', 'x', { m: 1, n: 1 })]),
        of(names, [put('people', 'a', { name: 'Ann' })], []),
      ],
    });
    expect(await stores.eventStore.read('a-2')).toHaveLength(2);
    expect([await stores.readModels.get(counts, 'sums', 'x'), await sum(stores, 'y')]).toEqual([{ n: 'no number', m: 1 }, undefined]);
    expect(await stores.readModels.get(names, 'people', 'a')).toEqual({ name: 'Ann' });
    expect([await parkedOf(stores, counts), await parkedOf(stores, names)]).toEqual([
      [
        [position - 1, 'a-2'],
        [position, 'a-2'],
      ],
      [],
    ]);
  }),

  'parks later appends to that stream, also after a restart, and no other': opened(async (stores, again) => {
    const failed = await append(stores, 'a-1', { ...of(counts, []), parked: 'Error in view.ts:7' });
    const waits = await append(stores, 'a-1', of(counts, [add('sums', 'x', { n: 1 })]));
    await append(stores, 'a-2', of(counts, [add('sums', 'x', { n: 10 })]));
    const reopened = await again();
    const waitsToo = await append(reopened, 'a-1', of(counts, [add('sums', 'x', { n: 100 })]));
    await append(reopened, 'a-1', of(names, [put('people', 'a', { name: 'Ann' })]));
    expect(await sum(reopened, 'x')).toBe(10);
    expect(await reopened.readModels.get(names, 'people', 'a')).toEqual({ name: 'Ann' });
    expect(await parkedOf(reopened, counts)).toEqual([failed, waits, waitsToo].map(({ position }) => [position, 'a-1']));
    expect((await reopened.readModels.parked(counts))[0]?.error).toBe('Error in view.ts:7');
  }),

  'parks what cannot become a document': opened(async (stores) => {
    const endless: Record<string, unknown> = {};
    endless.self = endless;
    const { position } = await append(stores, 'a-1', of(counts, [put('sums', 'x', endless)]));
    expect(await parkedOf(stores, counts)).toEqual([[position, 'a-1']]);
  }),

  'takes a stream in again once nothing of it is parked': opened(async (stores) => {
    const { position } = await append(stores, 'a-1', { ...of(counts, []), parked: 'failed' });
    await append(stores, 'a-2', of(counts, [add('sums', 'x', { n: 10 })]));
    await stores.readModels.unpark(counts, [{ position, key: 'a-1', changes: [add('sums', 'x', { n: 1 })] }]);
    await append(stores, 'a-1', of(counts, [add('sums', 'x', { n: 100 })]));
    expect([await sum(stores, 'x'), await parkedOf(stores, counts)]).toEqual([111, []]);
  }),

  'loses no append to a parked event that is retried meanwhile': opened(async (stores) => {
    const parked = await Promise.all(times(10, (n) => append(stores, `bad-${n}`, { ...of(counts, []), parked: 'failed' })));
    const appended = times(50, (n) => append(stores, `a-${n}`, of(counts, [add('sums', 'x', { n: 1 })])));
    const retried = parked.map(({ position }, n) =>
      stores.readModels.unpark(counts, [{ position, key: `bad-${n}`, changes: [add('sums', 'x', { n: 100 })] }]),
    );
    await Promise.all([...appended, ...retried]);
    expect(await sum(stores, 'x')).toBe(1_050);
  }),
} satisfies Promises<InlineSetting>;

const catchingUp = {
  'writes nothing of a projection that is behind the log, until it has caught up': opened(async (stores) => {
    const first = await append(stores, 'a-1', of(counts, [add('sums', 'x', { n: 1 })]));
    await stores.readModels.declare([later]);
    const second = await append(stores, 'a-1', of(later, [add('sums', 'x', { n: 10 })]));
    expect([await stores.readModels.checkpoint(later), await stores.readModels.get(later, 'sums', 'x')]).toEqual([0, undefined]);
    const missed = [first, second].map(({ position }, n) => ({ position, key: 'a-1', changes: [add('sums', 'x', { n: 10 ** n })] }));
    await stores.readModels.apply(later, missed, second.position);
    const third = await append(stores, 'a-1', of(later, [add('sums', 'x', { n: 100 })]));
    expect(await stores.readModels.get(later, 'sums', 'x')).toEqual({ n: 111 });
    expect(await stores.readModels.checkpoint(later)).toBe(third.position);
  }),

  'is not behind because of events that were removed': opened(async (stores) => {
    const { position } = await append(stores, 'a-1');
    await stores.readModels.declare([later]);
    await append(stores, 'a-2');
    await stores.eventStore.remove('a-2');
    await stores.readModels.apply(later, [], position);
    await append(stores, 'a-3', of(later, [add('sums', 'x', { n: 1 })]));
    expect(await stores.readModels.get(later, 'sums', 'x')).toEqual({ n: 1 });
  }),

  'refuses the changes of a projection that it does not know as inline': opened(async (stores) => {
    await expect(append(stores, 'a-1', of(later, [add('sums', 'x', { n: 1 })]))).rejects.toBeInstanceOf(RangeError);
    await expect(append(stores, 'a-1', of(following, []))).rejects.toBeInstanceOf(RangeError);
    expect(await stores.eventStore.read('a-1')).toEqual([]);
  }),
} satisfies Promises<InlineSetting>;

export const inlinePromises: Promises<InlineSetting> = { ...writing, ...parking, ...catchingUp };
