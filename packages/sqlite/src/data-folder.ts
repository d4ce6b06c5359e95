import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process works on this folder. */
export class DataFolderTaken extends Error {
  readonly code = 'sqlite/folder-taken';
}

/**
 * The folder of all files of the embedded engines, for one process at a time. The lock is the operating system's, held through
 * SQLite on `lock.db`: however the process ends, it is free again, and no pid file is left to doubt.
 */
export class DataFolder {
  readonly path: string;
  readonly #lock: DatabaseSync;

  private constructor(path: string, lock: DatabaseSync) {
    this.path = path;
    this.#lock = lock;
  }

  /** Makes the folder with mode 0700 when it is not there. @throws DataFolderTaken while another process holds it. */
  static open(path: string): DataFolder {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    const lock = new DatabaseSync(join(path, 'lock.db'), { timeout: 0 });
    try {
      lock.exec('BEGIN EXCLUSIVE');
    } catch (error) {
      lock.close();
      if (!isBusy(error)) throw error;
      throw new DataFolderTaken(`${path} is in use by another process: stop it, or choose another DATA_DIR`, { cause: error });
    }
    return new DataFolder(path, lock);
  }

  file(name: string): string {
    return join(this.path, name);
  }

  close(): void {
    if (this.#lock.isOpen) this.#lock.close();
  }
}

const SQLITE_BUSY = 5;
const isBusy = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'errcode' in error && error.errcode === SQLITE_BUSY;
