import type { Outcome } from './outcome.ts';

export interface WriterFileOptions {
  readonly file: string;
  /** The module whose export `open` is an OpenProgram. */
  readonly program: URL;
  readonly cacheKib: number;
}

/** One file as its writer shows it. Outcomes come after the COMMIT. */
export interface WriterFile {
  run(name: string, input: unknown): Promise<Outcome>;
  truncate(): Promise<Outcome>;
  /** Everything that was accepted is committed first. */
  close(): Promise<void>;
}

/** Writes any number of files, each by its own program; what comes in one tick is one transaction a file. */
export interface Writer {
  openFile(options: WriterFileOptions): Promise<WriterFile>;
  /** Finishes what was accepted, closes all files. */
  close(): Promise<void>;
}
