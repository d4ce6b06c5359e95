import type { KeyRecord } from '@flexistream/key-store';
import type { KeysAtRest } from '@flexistream/key-store/embedded';
import type { KeyImport } from '@flexistream/key-store/mongodb';
import { MoveDiffers, MoveRefused } from './move-refused.ts';

const PAGE = 500;

/** @throws MoveRefused when the target holds anything that the folder does not hold just so. Answers how many entries stand. */
export const matchKeys = async (keys: KeysAtRest, target: KeyImport): Promise<number> => {
  let matched = 0;
  for (let after: string | undefined = ''; after !== undefined; ) {
    const ids: readonly string[] = await target.ids(after, PAGE);
    after = ids.at(-1);
    const there = await target.find(ids);
    for (const id of ids) {
      const kept = there.get(id);
      const record = keys.get(id);
      const same = kept === 'destroyed' ? keys.isDestroyed(id) : kept !== undefined && record !== undefined && isSame(kept, record);
      if (!same) throw new MoveRefused('the target holds keys of other origin: give it an INSTALLATION of its own, or empty it');
      matched++;
    }
  }
  return matched;
};

export const copyKeys = async (keys: KeysAtRest, target: KeyImport, onProgress: (done: number, of: number) => void): Promise<void> => {
  const counts = keys.counts();
  let done = 0;
  const tell = (entries: number): void => {
    done += entries;
    onProgress(done, counts.records + counts.destroyed);
  };
  for (const page of pagesOf(
    (after) => keys.records(after, PAGE),
    ({ id }) => id,
  )) {
    const there = await target.find(page.map(({ id }) => id));
    await target.add(
      page.filter(({ id }) => !there.has(id)),
      [],
    );
    tell(page.length);
  }
  for (const page of pagesOf((after) => keys.destroyed(after, PAGE), String)) {
    const there = await target.find(page);
    await target.add(
      [],
      page.filter((id) => !there.has(id)),
    );
    tell(page.length);
  }
};

/** @throws MoveDiffers when some are missing, MoveRefused when others are there. */
export const proveKeys = async (keys: KeysAtRest, target: KeyImport): Promise<void> => {
  const { records, destroyed } = keys.counts();
  const lacking = records + destroyed - (await matchKeys(keys, target));
  if (lacking > 0) throw new MoveDiffers(`the target lacks ${lacking} keys`);
};

function* pagesOf<T>(read: (after: string) => readonly T[], idOf: (one: T) => string): Generator<readonly T[]> {
  for (let after = ''; ; ) {
    const page = read(after);
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = idOf(last);
  }
}

const isSame = (a: KeyRecord, b: KeyRecord): boolean =>
  a.id === b.id && a.hash === b.hash && a.owner === b.owner && Buffer.compare(a.body, b.body) === 0;
