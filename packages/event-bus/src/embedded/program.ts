import type { DatabaseSync } from 'node:sqlite';
import type { Program } from '@flexistream/sqlite/program';
import type { NewEntry, Offset, ParkedEntry } from './topic-log.ts';

export type BusOperations = {
  publish(publication: { readonly topic: string; readonly entries: readonly NewEntry[]; readonly at: number }): void;
  join(place: { readonly group: string; readonly topic: string }): number;
  rewind(group: string): void;
  commit(passed: { readonly offset: Offset; readonly parked?: ParkedEntry }): void;
  unpark(entry: ParkedEntry): void;
  repark(entry: ParkedEntry): void;
  /** Answers how many entries went: `limit` of them means that more may go. */
  trim(what: { readonly before: number; readonly limit: number }): number;
};

/** AUTOINCREMENT: positions of trimmed entries are never given out again, so an offset always means the same place. */
const TABLES = `
  CREATE TABLE IF NOT EXISTS entries (
    position INTEGER PRIMARY KEY AUTOINCREMENT, topic TEXT NOT NULL, id TEXT NOT NULL, key TEXT NOT NULL, published_at INTEGER NOT NULL,
    body TEXT NOT NULL, UNIQUE (topic, id)
  ) STRICT;
  CREATE INDEX IF NOT EXISTS entries_by_topic ON entries (topic, position);
  CREATE INDEX IF NOT EXISTS entries_by_time ON entries (published_at);
  CREATE TABLE IF NOT EXISTS offsets (
    topic TEXT NOT NULL, consumers TEXT NOT NULL, position INTEGER NOT NULL, PRIMARY KEY (topic, consumers)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS parked (
    consumers TEXT NOT NULL, position INTEGER NOT NULL, topic TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL, error TEXT NOT NULL,
    PRIMARY KEY (consumers, position)
  ) STRICT, WITHOUT ROWID;
`;

const TRIM = `
  DELETE FROM entries WHERE position IN (
    SELECT position FROM entries AS old INDEXED BY entries_by_time
    WHERE published_at < ?1 AND NOT EXISTS (SELECT 1 FROM offsets WHERE offsets.topic = old.topic AND offsets.position < old.position)
    LIMIT ?2
  )
`;

export const open = (database: DatabaseSync): Program<BusOperations> => {
  database.exec(TABLES);
  const publish = database.prepare('INSERT OR IGNORE INTO entries (topic, id, key, published_at, body) VALUES (?, ?, ?, ?, ?)');
  const join = database.prepare('INSERT OR IGNORE INTO offsets (topic, consumers, position) VALUES (?, ?, 0)');
  const offset = database.prepare('SELECT position FROM offsets WHERE topic = ? AND consumers = ?');
  const move = database.prepare('UPDATE offsets SET position = max(position, ?) WHERE topic = ? AND consumers = ?');
  const rewind = database.prepare('UPDATE offsets SET position = 0 WHERE consumers = ?');
  const park = database.prepare('INSERT OR IGNORE INTO parked (consumers, position, topic, key, body, error) VALUES (?, ?, ?, ?, ?, ?)');
  const unpark = database.prepare('DELETE FROM parked WHERE consumers = ? AND position = ?');
  const repark = database.prepare('UPDATE parked SET error = ? WHERE consumers = ? AND position = ?');
  const trim = database.prepare(TRIM);
  return {
    operations: {
      publish({ topic, entries, at }) {
        for (const { id, key, body } of entries) publish.run(topic, id, key, at, body);
      },
      join({ group, topic }) {
        join.run(topic, group);
        return Number(offset.get(topic, group)?.position);
      },
      rewind: (group) => void rewind.run(group),
      commit({ offset: { group, topic, position }, parked }) {
        move.run(position, topic, group);
        if (parked !== undefined) park.run(group, parked.position, topic, parked.key, parked.body, parked.error);
      },
      unpark: ({ group, position }) => void unpark.run(group, position),
      repark: ({ group, position, error }) => void repark.run(error, group, position),
      trim: ({ before, limit }) => Number(trim.run(before, limit).changes),
    },
  };
};
