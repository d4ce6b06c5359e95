import { type Arrange, describeContract, type Promises, reopening } from '@flexistream/kernel/contract';
import { expect } from '@jest/globals';
import type { KeyRecord, KeyStore } from './port.ts';

/** One engine of its own. Each `open` opens a store on it; the check closes one before it opens the next. */
export interface KeyStoreSetting {
  open(): Promise<KeyStore>;
}

export const keyStoreContract = (name: string, arrange: Arrange<KeyStoreSetting>): void =>
  describeContract(`${name} as a key store`, keyStorePromises, arrange);

const record = (id: string, more: Partial<KeyRecord> = {}): KeyRecord => ({ id, body: Buffer.from(`body of ${id}`), ...more });
const times = <T>(count: number, make: (n: number) => T): T[] => Array.from({ length: count }, (_, n) => make(n));
const refusedAsDestroyed = (work: Promise<unknown>) => expect(work).rejects.toMatchObject({ code: 'key-store/destroyed' });

/** Bodies are compared as bytes: an engine may answer another view of them. */
const same = (found: KeyRecord | undefined, expected: KeyRecord) => {
  expect(found && { ...found, body: Buffer.from(found.body) }).toEqual({ ...expected, body: Buffer.from(expected.body) });
};

const opened = reopening<KeyStore>;

const creating = {
  'gives a record back by id and by hash': opened(async (store) => {
    const all = record('a', { hash: 'aa11', owner: 'person', body: Buffer.from([0, 1, 255, 0]) });
    expect(await store.create(all)).toMatchObject({ created: true });
    await store.create(record('b', { body: Buffer.alloc(0) }));
    same(await store.get('a'), all);
    same(await store.findByHash('aa11'), all);
    same(await store.get('b'), record('b', { body: Buffer.alloc(0) }));
  }),

  'knows nothing of what was never created': opened(async (store) => {
    await store.create(record('a', { hash: 'aa11' }));
    expect(await store.get('b')).toBeUndefined();
    expect(await store.findByHash('bb22')).toBeUndefined();
    expect([await store.isDestroyed('a'), await store.isDestroyed('b')]).toEqual([false, false]);
  }),

  'lets the first record of an id stand': opened(async (store) => {
    await store.create(record('a'));
    const second = await store.create(record('a', { body: Buffer.from('another'), hash: 'cc33' }));
    expect(second.created).toBe(false);
    same(second.record, record('a'));
    expect(await store.findByHash('cc33')).toBeUndefined();
  }),

  'lets the first record of a hash stand': opened(async (store) => {
    await store.create(record('a', { hash: 'aa11' }));
    const second = await store.create(record('b', { hash: 'aa11' }));
    expect(second.created).toBe(false);
    same(second.record, record('a', { hash: 'aa11' }));
    expect(await store.get('b')).toBeUndefined();
  }),

  'lets one of twenty creators of an id win, and all see the same': opened(async (store) => {
    const tries = await Promise.all(times(20, (n) => store.create(record('a', { body: Buffer.from(`try ${n}`) }))));
    expect(tries.filter(({ created }) => created)).toHaveLength(1);
    const seen = new Set(tries.map((tried) => Buffer.from(tried.record.body).toString()));
    const standing = await store.get('a');
    expect([...seen]).toEqual([Buffer.from(standing?.body ?? []).toString()]);
  }),

  'lets one of twenty creators of a hash win, and all see the same': opened(async (store) => {
    const tries = await Promise.all(times(20, (n) => store.create(record(`a${n}`, { hash: 'aa11' }))));
    expect(tries.filter(({ created }) => created)).toHaveLength(1);
    expect([...new Set(tries.map((tried) => tried.record.id))]).toEqual([(await store.findByHash('aa11'))?.id]);
  }),

  'keeps many records that come at once': opened(async (store, again) => {
    const many = times(500, (n) => record(`id-${n}`, { hash: `hash-${n}` }));
    await Promise.all(many.map((one) => store.create(one)));
    const reopened = await again();
    for (const one of many) same(await reopened.get(one.id), one);
  }),
} satisfies Promises<KeyStoreSetting>;

const owning = {
  'sets an owner once': opened(async (store, again) => {
    await store.create(record('a'));
    expect(await store.setOwner('a', 'person')).toBe(true);
    expect(await store.setOwner('a', 'another')).toBe(false);
    same(await (await again()).get('a'), record('a', { owner: 'person' }));
  }),

  'does not change an owner that was set at creation': opened(async (store) => {
    await store.create(record('a', { owner: 'person' }));
    expect(await store.setOwner('a', 'another')).toBe(false);
    same(await store.get('a'), record('a', { owner: 'person' }));
  }),

  'gives nothing unknown an owner': opened(async (store) => {
    expect(await store.setOwner('a', 'person')).toBe(false);
    expect(await store.get('a')).toBeUndefined();
  }),

  'lets one of twenty owners win': opened(async (store) => {
    await store.create(record('a'));
    const tries = await Promise.all(times(20, (n) => store.setOwner('a', `person-${n}`)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect((await store.get('a'))?.owner).toBe(`person-${tries.indexOf(true)}`);
  }),
} satisfies Promises<KeyStoreSetting>;

const destroying = {
  'destroys a record for good': opened(async (store, again) => {
    await store.create(record('a', { hash: 'aa11' }));
    await store.destroy('a');
    const isGone = async (from: KeyStore) => {
      expect([await from.get('a'), await from.findByHash('aa11'), await from.isDestroyed('a')]).toEqual([undefined, undefined, true]);
      await refusedAsDestroyed(from.create(record('a')));
      expect(await from.get('a')).toBeUndefined();
      expect(await from.setOwner('a', 'person')).toBe(false);
    };
    await isGone(store);
    await isGone(await again());
  }),

  'destroys what it owns, and what that owns, and nothing else': opened(async (store) => {
    await Promise.all([store.create(record('person', { hash: 'aa11' })), store.create(record('stranger'))]);
    await Promise.all([
      store.create(record('device', { owner: 'person', hash: 'bb22' })),
      store.create(record('other', { owner: 'stranger' })),
    ]);
    await store.create(record('part'));
    await store.setOwner('part', 'device');
    await store.destroy('person');
    for (const gone of ['person', 'device', 'part']) {
      expect([gone, await store.get(gone), await store.isDestroyed(gone)]).toEqual([gone, undefined, true]);
      await refusedAsDestroyed(store.create(record(gone)));
    }
    expect([await store.findByHash('aa11'), await store.findByHash('bb22')]).toEqual([undefined, undefined]);
    same(await store.get('stranger'), record('stranger'));
    same(await store.get('other'), record('other', { owner: 'stranger' }));
  }),

  'frees the hash of a destroyed record for another': opened(async (store) => {
    await store.create(record('a', { hash: 'aa11' }));
    await store.destroy('a');
    expect((await store.create(record('b', { hash: 'aa11' }))).created).toBe(true);
    same(await store.findByHash('aa11'), record('b', { hash: 'aa11' }));
  }),

  'destroys an id before it is ever created': opened(async (store, again) => {
    await store.destroy('a');
    await refusedAsDestroyed(store.create(record('a')));
    await refusedAsDestroyed((await again()).create(record('a')));
  }),

  'may be asked twice': opened(async (store) => {
    await store.create(record('a'));
    await Promise.all([store.destroy('a'), store.destroy('a')]);
    await store.destroy('a');
    expect(await store.isDestroyed('a')).toBe(true);
  }),

  'gives nothing to an owner that was destroyed': opened(async (store) => {
    await store.create(record('a'));
    await store.destroy('person');
    await refusedAsDestroyed(store.create(record('b', { owner: 'person' })));
    await refusedAsDestroyed(store.setOwner('a', 'person'));
    same(await store.get('a'), record('a'));
    expect(await store.get('b')).toBeUndefined();
  }),

  'leaves nothing of a record whose creation a destruction overtakes': opened(async (store) => {
    const ids = times(20, (n) => `a${n}`);
    const orders = ids.flatMap((id, n) => {
      const create = () => store.create(record(id, { hash: id })).catch(() => undefined);
      const destroy = () => store.destroy(id);
      return n % 2 ? [create, destroy] : [destroy, create];
    });
    await Promise.all(orders.map((order) => order()));
    for (const id of ids) expect([await store.get(id), await store.findByHash(id)]).toEqual([undefined, undefined]);
  }),

  'leaves nothing to an owner whose destruction overtakes': opened(async (store) => {
    const ids = times(20, (n) => `a${n}`);
    await Promise.all(ids.map((id) => store.create(record(id))));
    const orders = ids.flatMap((id, n) => {
      const own = () => store.setOwner(id, `person-${n}`).catch(() => undefined);
      const destroy = () => store.destroy(`person-${n}`);
      return n % 2 ? [own, destroy] : [destroy, own];
    });
    await Promise.all(orders.map((order) => order()));
    for (const id of ids) expect((await store.get(id))?.owner).toBeUndefined();
  }),
} satisfies Promises<KeyStoreSetting>;

export const keyStorePromises: Promises<KeyStoreSetting> = { ...creating, ...owning, ...destroying };
