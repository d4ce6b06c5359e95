import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceName } from '@flexistream/contracts';
import { durableAtRest } from '@flexistream/ephemeral/embedded';
import { type BusAtRest, openBusAtRest } from '@flexistream/event-bus/embedded';
import { type LogAtRest, openLogAtRest } from '@flexistream/event-store/embedded';
import { loadMasterKey, type MasterKey } from '@flexistream/key-store';
import { type KeysAtRest, openKeysAtRest } from '@flexistream/key-store/embedded';
import { type DocumentsAtRest, openDocumentsAtRest } from '@flexistream/read-models/embedded';
import { DataFolder, refuseOldSqlite } from '@flexistream/sqlite';
import { documentsFileOf } from '../engines/folder-engines.ts';
import { MoveRefused } from './move-refused.ts';

/** What one service has in the folder. */
export interface ServiceAtRest {
  readonly log: LogAtRest;
  readonly keys: KeysAtRest;
  readonly documents: DocumentsAtRest;
}

/** An installation that no server runs on. It is held and read, and stays as it is. */
export interface SourceFolder {
  readonly masterKey: MasterKey;
  readonly bus: BusAtRest;
  service(name: ServiceName): ServiceAtRest;
  /** Last uses of keys and the like, with their ends in ms since 1970. */
  durable(now: number): ReturnType<typeof durableAtRest>;
  close(): void;
}

/** @throws DataFolderTaken while a server holds it, MoveRefused when it is no data folder. */
export const openSourceFolder = async (
  folder: string,
  masterKey: string | undefined,
  names: readonly ServiceName[],
): Promise<SourceFolder> => {
  refuseOldSqlite();
  const needed = new Set(['bus.db', 'ephemeral.db', ...names.flatMap((name) => [`${name}.db`, documentsFileOf(name), `${name}.keys.db`])]);
  const missing = [...needed].filter((file) => !existsSync(join(folder, file)));
  if (missing.length > 0) throw new MoveRefused(`${folder} is no whole data folder: it lacks ${missing.join(', ')}`);
  if (!masterKey?.trim() && !existsSync(join(folder, 'master.key'))) {
    throw new MoveRefused(`${folder} has no master.key: set MASTER_KEY as it was set for the server`);
  }
  const held = DataFolder.open(folder);
  const opened: { close(): void }[] = [];
  const open = <T extends { close(): void }>(one: T): T => {
    opened.push(one);
    return one;
  };
  const services = new Map<ServiceName, ServiceAtRest>();
  const close = (): void => {
    for (const one of opened) one.close();
    held.close();
  };
  try {
    for (const name of names) {
      services.set(name, {
        log: open(openLogAtRest(join(folder, `${name}.db`))),
        keys: open(openKeysAtRest(join(folder, `${name}.keys.db`))),
        documents: open(openDocumentsAtRest(join(folder, documentsFileOf(name)))),
      });
    }
    return {
      masterKey: await loadMasterKey({ text: masterKey, folder }),
      bus: open(openBusAtRest(join(folder, 'bus.db'))),
      service: (name) => {
        const found = services.get(name);
        if (found === undefined) throw new RangeError(`${name} was not opened`);
        return found;
      },
      durable: (now) => durableAtRest(join(folder, 'ephemeral.db'), now),
      close,
    };
  } catch (error) {
    close();
    throw error;
  }
};
