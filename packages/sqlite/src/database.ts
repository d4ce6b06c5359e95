import { Unavailable } from '@flexistream/kernel';
import { OperationFailed } from './operation-failed.ts';
import type { Outcome } from './outcome.ts';
import type { Operations } from './program.ts';
import { Reader } from './reader.ts';
import { refuseOldSqlite } from './version.ts';
import type { Writer, WriterFile } from './writer.ts';

export interface OpenDatabaseOptions {
  readonly file: string;
  /** The module of the program, by `new URL('./program.ts', import.meta.url)`; its export `open` is an OpenProgram. */
  readonly program: URL;
  readonly writer: Writer;
  /** KiB of pages that the writing and the reading connection may each keep; default 2,048. */
  readonly cacheKib?: number;
}

/** One SQLite file: written through its writer in groups, read in the main thread. */
export interface Database<O extends Operations> {
  readonly reader: Reader;
  /**
   * Runs one operation of the program; it is durable when this resolves.
   * @throws OperationFailed with the code of what the program threw: nothing of it is kept.
   * @throws Unavailable when the transaction did not come about or the store is closed.
   */
  run<N extends keyof O & string>(name: N, input: Parameters<O[N]>[0]): Promise<ReturnType<O[N]>>;
  /** After an erasure: nothing of it is left in the WAL. Calls of one moment share one checkpoint. */
  truncate(): Promise<void>;
  /** The same within a second, for erasures that come often. A crash before it leaves that to the next opening. */
  truncateSoon(): void;
  /** Finishes what was accepted, then closes. */
  close(): Promise<void>;
}

/** Makes the file when it is not there. @throws Error when SQLite is too old or the file is none of ours. */
export const openDatabase = async <O extends Operations>({
  file,
  program,
  writer,
  cacheKib = 2_048,
}: OpenDatabaseOptions): Promise<Database<O>> => {
  refuseOldSqlite();
  const written = await writer.openFile({ file, program, cacheKib });
  return new OpenedDatabase<O>(written, new Reader(file, cacheKib));
};

const SOON_MS = 1_000;

class OpenedDatabase<O extends Operations> implements Database<O> {
  readonly reader: Reader;
  readonly #file: WriterFile;
  #closing: Promise<void> | undefined;
  #truncating: Promise<void> | undefined;
  #soon: NodeJS.Timeout | undefined;

  constructor(file: WriterFile, reader: Reader) {
    this.#file = file;
    this.reader = reader;
  }

  async run<N extends keyof O & string>(name: N, input: Parameters<O[N]>[0]): Promise<ReturnType<O[N]>> {
    if (this.#closing !== undefined) throw new Unavailable('the store is closed');
    return result(await this.#file.run(name, input)) as ReturnType<O[N]>;
  }

  truncate(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing; // closing empties the WAL too
    // Shared only until it is sent off: a later erasure needs a later checkpoint.
    this.#truncating ??= Promise.resolve().then(() => {
      this.#truncating = undefined;
      return this.#truncate();
    });
    return this.#truncating;
  }

  truncateSoon(): void {
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      this.truncate().catch(() => this.truncateSoon()); // somebody was reading: once more
    }, SOON_MS).unref();
  }

  close(): Promise<void> {
    clearTimeout(this.#soon);
    if (this.#closing === undefined) {
      this.reader.close(); // the writer must be the last to leave: only then does SQLite empty the WAL
      this.#closing = this.#file.close();
    }
    return this.#closing;
  }

  async #truncate(): Promise<void> {
    result(await this.#file.truncate());
  }
}

const result = (outcome: Outcome): unknown => {
  if ('done' in outcome) return outcome.done;
  if ('failed' in outcome) throw new OperationFailed(outcome.failed);
  throw new Unavailable(outcome.lost);
};
