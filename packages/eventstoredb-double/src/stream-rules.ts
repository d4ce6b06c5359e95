import type { LogRecord, RecordLog } from './record-log.ts';

/** 2^63 - 1: EventNumber.DeletedStream of the server. */
const DELETED = 9_223_372_036_854_775_807n;
export const SOFT_DELETION = `{"$tb":${DELETED}}`;

export const metastreamOf = (stream: string): string => `$$${stream}`;
export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const originalOf = (metastream: string): string => metastream.slice(2);

export interface StreamMetadata {
  readonly softDeleted: boolean;
  readonly truncateBefore: number;
  readonly maxCount: number | undefined;
  readonly maxAgeMs: number | undefined;
}

/**
 * The newest event of the metastream decides, older ones do not add to it
 * (EventStoreDB docs, "Stream metadata and reserved names": $maxAge in seconds, $maxCount, $tb).
 */
export const metadataOf = (log: RecordLog, stream: string): StreamMetadata => {
  const newest = log.at(metastreamOf(stream), log.lastRevision(metastreamOf(stream)));
  const raw = newest === undefined ? {} : (JSON.parse(Buffer.from(newest.data).toString('utf8')) as Record<string, unknown>);
  const truncateBefore = typeof raw.$tb === 'number' ? raw.$tb : 0;
  return {
    softDeleted: truncateBefore >= Number(DELETED),
    truncateBefore,
    maxCount: typeof raw.$maxCount === 'number' ? raw.$maxCount : undefined,
    maxAgeMs: typeof raw.$maxAge === 'number' ? raw.$maxAge * 1_000 : undefined,
  };
};

/** The metadata's text with another `$tb`, all else kept (EventStore, StorageWriterService.cs, SoftUndeleteRawMeta). */
export const truncatedBefore = (log: RecordLog, stream: string, revision: number): string => {
  const newest = log.at(metastreamOf(stream), log.lastRevision(metastreamOf(stream)));
  const raw = newest === undefined ? {} : (JSON.parse(Buffer.from(newest.data).toString('utf8')) as object);
  return JSON.stringify({ ...raw, $tb: revision });
};

/**
 * What a read of the stream may see; undefined reads as "stream not found": never written, or softly deleted. Events that are
 * truncated, surplus or too old are left out, while the stream keeps its last revision
 * (EventStore, src/EventStore.Core/Services/Storage/ReaderIndex/IndexReader.cs, ReadStreamEventsForwardInternal).
 */
export const readableOf = (log: RecordLog, stream: string, now: number): readonly LogRecord[] | undefined => {
  const last = log.lastRevision(stream);
  const { softDeleted, truncateBefore, maxCount, maxAgeMs } = metadataOf(log, stream);
  if (last < 0 || softDeleted) return undefined;
  const first = Math.max(truncateBefore, maxCount === undefined ? 0 : last - maxCount + 1);
  if (first > last) return [];
  const records = log.ofStream(stream, first, last);
  return maxAgeMs === undefined ? records : records.filter(({ created }) => created >= now - maxAgeMs);
};
