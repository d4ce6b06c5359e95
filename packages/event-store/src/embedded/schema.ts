/**
 * The log. `position` is the row's own number and has no index of its own; ids have none at all: a repeat is found by
 * stream and revision. `fates` holds the few streams that were removed or are to expire: `first` is the lowest revision that
 * can still be read or written, so that revisions never come back. `marks.position` remembers positions whose events are gone.
 */
export const logSchema = `
  CREATE TABLE IF NOT EXISTS events (
    position INTEGER PRIMARY KEY,
    stream_hash INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    stream TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    schema INTEGER NOT NULL,
    data TEXT NOT NULL,
    metadata TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS events_of_stream ON events (stream_hash, revision);
  CREATE TABLE IF NOT EXISTS fates (
    stream_hash INTEGER NOT NULL,
    stream TEXT NOT NULL,
    first INTEGER NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (stream_hash, stream)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS fates_by_end ON fates (expires_at) WHERE expires_at IS NOT NULL;
  CREATE TABLE IF NOT EXISTS marks (name TEXT PRIMARY KEY, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`;
