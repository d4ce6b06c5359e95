import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EventStoreDbDouble, startEventStoreDbDouble } from '@flexistream/eventstoredb-double';
import type { EventStoreSetting } from '../contract.ts';
import { connectEventStoreDb, type EventStoreDbConnection, type EventStoreDbOptions, openEventStoreDb } from './index.ts';

/** A double in a folder of its own, removed afterwards. */
export const doubleForSpecs = async (): Promise<EventStoreDbDouble & { readonly folder: string; stopOnly(): Promise<void> }> => {
  const folder = await mkdtemp(join(tmpdir(), 'eventstoredb-double-'));
  const double = await startEventStoreDbDouble({ folder });
  let stopping: Promise<void> | undefined;
  const stopOnly = () => {
    stopping ??= double.stop();
    return stopping;
  };
  const stop = async () => {
    await stopOnly();
    await rm(folder, { recursive: true });
  };
  return { ...double, folder, stop, stopOnly, [Symbol.asyncDispose]: stop };
};

/** A part of a server that a check has for itself, with a connection for each opening. */
export const eventStoreDbSetting =
  (url: () => string, options: Partial<EventStoreDbOptions> = {}) =>
  async (): Promise<EventStoreSetting & AsyncDisposable> => {
    const namespace = `check-${randomUUID()}.`;
    const connections: EventStoreDbConnection[] = [];
    return {
      open: async () => {
        const connection = connectEventStoreDb(url());
        connections.push(connection);
        return openEventStoreDb({ connection, prefixes: [''], namespace, ...options });
      },
      [Symbol.asyncDispose]: async () => {
        await Promise.all(connections.map((connection) => connection.close()));
      },
    };
  };
