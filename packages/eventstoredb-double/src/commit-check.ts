import type { RecordLog } from './record-log.ts';
import { metadataOf, metastreamOf } from './stream-rules.ts';

export type Expected = number | 'any' | 'no-stream' | 'stream-exists';

export type CommitCheck =
  | { readonly decision: 'write'; readonly revives: boolean }
  | { readonly decision: 'repeated'; readonly last: number }
  | { readonly decision: 'wrong-expected-version'; readonly current: number }
  | { readonly decision: 'deleted' };

/** Where ids of newer appends stand; the server keeps so many in memory and forgets them with a restart (IndexWriter.cs, _committedEvents). */
export type RecentIds = ReadonlyMap<string, { readonly stream: string; readonly revision: number }>;

/**
 * May these events be written, or were they? After EventStore, src/EventStore.Core/Services/Storage/ReaderIndex/IndexWriter.cs, CheckCommit,
 * and the docs' "Optimistic concurrency and idempotence".
 */
export const checkCommit = (log: RecordLog, recent: RecentIds, stream: string, expected: Expected, ids: readonly string[]): CommitCheck => {
  const current = log.lastRevision(stream);
  const { softDeleted } = metadataOf(log, stream);
  if (expected === 'stream-exists') {
    if (softDeleted) return { decision: 'deleted' };
    if (current < 0 && log.lastRevision(metastreamOf(stream)) < 0) return { decision: 'wrong-expected-version', current };
  }
  if (expected === 'any' || expected === 'stream-exists') return withoutRevision(recent, stream, ids, current, softDeleted);
  const before = expected === 'no-stream' ? -1 : expected;
  if (before > current) return { decision: 'wrong-expected-version', current };
  if (before === current) return { decision: 'write', revives: softDeleted };
  for (const [index, id] of ids.entries()) {
    if (log.at(stream, before + 1 + index)?.id === id) continue;
    // Part of it is there, or a deleted stream begins anew, or something else stands there.
    if (index === 0 && expected === 'no-stream' && softDeleted) return { decision: 'write', revives: true };
    return { decision: 'wrong-expected-version', current };
  }
  return { decision: 'repeated', last: before + ids.length };
};

/** Without a revision a repeat is known by its ids only, and only while the server remembers them. */
const withoutRevision = (recent: RecentIds, stream: string, ids: readonly string[], current: number, softDeleted: boolean): CommitCheck => {
  let last = -1;
  for (const [index, id] of ids.entries()) {
    const known = recent.get(id);
    if (known?.stream === stream) last = known.revision;
    else if (index === 0) return { decision: 'write', revives: softDeleted };
    else return { decision: 'wrong-expected-version', current };
  }
  return { decision: 'repeated', last };
};
