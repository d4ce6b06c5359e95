import { openAtRest } from '@flexistream/sqlite';
import type { KeyRecord } from '../port.ts';
import { recordOf } from './record-row.ts';

/** A key store that no process has open, whole. */
export interface KeysAtRest {
  /** Records in pages: `after` is the last id of the page before. */
  records(after: string, limit: number): readonly KeyRecord[];
  /** Ids that were destroyed, in pages as well. */
  destroyed(after: string, limit: number): readonly string[];
  get(id: string): KeyRecord | undefined;
  isDestroyed(id: string): boolean;
  counts(): { readonly records: number; readonly destroyed: number };
  close(): void;
}

export const openKeysAtRest = (file: string): KeysAtRest => {
  const reader = openAtRest(file);
  const count = (table: 'records' | 'destroyed'): number => reader.get<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)?.n ?? 0;
  return {
    records: (after, limit) =>
      reader.all('SELECT * FROM records WHERE id > ? ORDER BY id LIMIT ?', after, limit).flatMap((row) => recordOf(row) ?? []),
    destroyed: (after, limit) =>
      reader.all<{ id: string }>('SELECT id FROM destroyed WHERE id > ? ORDER BY id LIMIT ?', after, limit).map(({ id }) => id),
    get: (id) => recordOf(reader.get('SELECT * FROM records WHERE id = ?', id)),
    isDestroyed: (id) => reader.get('SELECT 1 FROM destroyed WHERE id = ?', id) !== undefined,
    counts: () => ({ records: count('records'), destroyed: count('destroyed') }),
    close: () => reader.close(),
  };
};
