import { MongoClient } from 'mongodb';

/** So that a dead engine fails within 2 s (design §7); one that went silent is found by the heartbeat, which breaks what waits for it. */
const SELECTED_WITHIN_MS = 1_000;
const HEARTBEAT_MS = 2_000;

/**
 * The one client of a process, for all adapters; whoever opens it closes it, after them. It connects when it is first used and comes back by
 * itself. Writes are on a majority, and on its disks, before they are answered.
 */
export const openMongoClient = (url: string): MongoClient =>
  new MongoClient(url, {
    appName: 'flexistream',
    serverSelectionTimeoutMS: SELECTED_WITHIN_MS,
    connectTimeoutMS: SELECTED_WITHIN_MS,
    heartbeatFrequencyMS: HEARTBEAT_MS,
    writeConcern: { w: 'majority', journal: true },
  });
