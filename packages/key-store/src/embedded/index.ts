import { type Database, openDatabase, type Writer } from '@flexistream/sqlite';
import { type Created, Destroyed, isDestroyed, type KeyRecord, type KeyStore } from '../port.ts';
import type { KeyStoreOperations } from './program.ts';
import { recordOf } from './record-row.ts';

export { type KeysAtRest, openKeysAtRest } from './keys-at-rest.ts';

export interface EmbeddedKeyStoreOptions {
  /** `<service>.keys.db` in `DATA_DIR`: a file of its own, so that backups may keep it for a shorter time. */
  readonly file: string;
  readonly writer: Writer;
}

/** The key store in one SQLite file. What comes at once shares a commit. */
export const openEmbeddedKeyStore = async ({ file, writer }: EmbeddedKeyStoreOptions): Promise<KeyStore> => {
  const program = new URL('./program.ts', import.meta.url);
  const database = await openDatabase<KeyStoreOperations>({ file, writer, program, cacheKib: 1_024 });
  await database.truncate(); // a crash may have come between an erasure's commit and its truncation
  return new EmbeddedKeyStore(database);
};

class EmbeddedKeyStore implements KeyStore {
  readonly #database: Database<KeyStoreOperations>;

  constructor(database: Database<KeyStoreOperations>) {
    this.#database = database;
  }

  async create(record: KeyRecord): Promise<Created> {
    return await translated(this.#database.run('create', record));
  }

  async get(id: string): Promise<KeyRecord | undefined> {
    return recordOf(this.#database.reader.get('SELECT * FROM records WHERE id = ?', id));
  }

  async findByHash(hash: string): Promise<KeyRecord | undefined> {
    return recordOf(this.#database.reader.get('SELECT * FROM records WHERE hash = ?', hash));
  }

  async setOwner(id: string, owner: string): Promise<boolean> {
    return await translated(this.#database.run('setOwner', { id, owner }));
  }

  async isDestroyed(id: string): Promise<boolean> {
    return this.#database.reader.get('SELECT 1 FROM destroyed WHERE id = ?', id) !== undefined;
  }

  /** Also when there was nothing left to destroy: a repeat may finish what an interrupted one began. */
  async destroy(id: string): Promise<void> {
    await this.#database.run('destroy', id);
    await this.#database.truncate();
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

/** Classes do not cross from the writer thread, codes do. */
const translated = async <T>(work: Promise<T>): Promise<T> => {
  try {
    return await work;
  } catch (error) {
    if (isDestroyed(error)) throw new Destroyed(error.message, { cause: error });
    throw error;
  }
};
