import { describe, test } from '@jest/globals';

/** The promises of a port as sentences; each check rejects when its promise is broken. */
export type Promises<Setting> = Readonly<Record<string, (setting: Setting) => Promise<void>>>;

/** Makes what one check needs, all of it fresh; disposing it closes and removes everything. */
export type Arrange<Setting> = () => Promise<Setting & AsyncDisposable>;

export const describeContract = <Setting>(title: string, promises: Promises<Setting>, arrange: Arrange<Setting>): void =>
  describe(title, () => {
    for (const [promise, check] of Object.entries(promises)) test(promise, () => keep(check, arrange));
  });

/** The sentences that an adapter does not keep: by this a mutation proves that a suite notices. A check that hangs counts as broken. */
export const brokenPromises = async <Setting>(
  promises: Promises<Setting>,
  arrange: Arrange<Setting>,
  { hangsAfterMs = 3_000 }: { readonly hangsAfterMs?: number } = {},
): Promise<readonly string[]> => {
  const kept = await Promise.all(Object.values(promises).map((check) => isKept(() => keep(check, arrange), hangsAfterMs)));
  return Object.keys(promises).filter((_, index) => !kept[index]);
};

/** A check of a store that is open; `again` closes it and opens it anew on the same engine. Taken as `opened = reopening<Port>`. */
export const reopening =
  <Store extends { close(): Promise<void> }>(check: (store: Store, again: () => Promise<Store>) => Promise<void>) =>
  async (setting: { open(): Promise<Store> }): Promise<void> => {
    let store = await setting.open();
    try {
      await check(store, async () => {
        await store.close();
        store = await setting.open();
        return store;
      });
    } finally {
      await store.close();
    }
  };

const keep = async <Setting>(check: (setting: Setting) => Promise<void>, arrange: Arrange<Setting>): Promise<void> => {
  await using setting = await arrange();
  await check(setting);
};

const isKept = async (work: () => Promise<void>, hangsAfterMs: number): Promise<boolean> => {
  const { promise: hung, resolve } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), hangsAfterMs);
  try {
    return await Promise.race([
      hung,
      work().then(
        () => true,
        () => false,
      ),
    ]);
  } finally {
    clearTimeout(timer);
  }
};
