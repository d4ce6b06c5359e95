import { openAtRest } from '@flexistream/sqlite';

/** The topics of a folder that no process has open. */
export interface BusAtRest {
  /** Ids of published events that one of these groups has not consumed, or has set aside. */
  unfinished(topic: string, groups: readonly string[]): ReadonlySet<string>;
  close(): void;
}

export const openBusAtRest = (file: string): BusAtRest => {
  const reader = openAtRest(file);
  const unfinished = `
    SELECT entries.id AS id FROM offsets JOIN entries ON entries.topic = offsets.topic AND entries.position > offsets.position
    WHERE offsets.topic = ?1 AND offsets.consumers IN (SELECT value FROM json_each(?2))
    UNION
    SELECT json_extract(body, '$.id') AS id FROM parked WHERE topic = ?1 AND consumers IN (SELECT value FROM json_each(?2))`;
  return {
    unfinished: (topic, groups) => new Set(reader.all<{ id: string }>(unfinished, topic, JSON.stringify(groups)).map(({ id }) => id)),
    close: () => reader.close(),
  };
};
