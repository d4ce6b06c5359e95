import { GroupCommit, type Operation } from './group-commit.ts';
import type { Outcome } from './outcome.ts';
import type { OpenProgram } from './program.ts';
import type { Writer, WriterFile, WriterFileOptions } from './writer.ts';

/** Writes on the caller's own thread, so every sync stops the event loop: for specs, and to measure the writer thread against. */
export class InProcessWriter implements Writer {
  readonly #files = new Set<InProcessFile>();

  async openFile({ file, program, cacheKib }: WriterFileOptions): Promise<WriterFile> {
    const { open } = (await import(program.href)) as { open: OpenProgram };
    const opened = new InProcessFile(new GroupCommit({ file, open, cacheKib }), () => this.#files.delete(opened));
    this.#files.add(opened);
    return opened;
  }

  async close(): Promise<void> {
    for (const file of [...this.#files]) await file.close();
  }
}

interface Waiting extends Operation {
  readonly answer: (outcome: Outcome) => void;
}

class InProcessFile implements WriterFile {
  readonly #commit: GroupCommit;
  readonly #closed: () => void;
  #waiting: Waiting[] = [];

  constructor(commit: GroupCommit, closed: () => void) {
    this.#commit = commit;
    this.#closed = closed;
  }

  run(name: string, input: unknown): Promise<Outcome> {
    return new Promise((answer) => {
      if (this.#waiting.length === 0) setImmediate(() => this.#flush());
      this.#waiting.push({ name, input, answer });
    });
  }

  async truncate(): Promise<Outcome> {
    this.#flush();
    return this.#commit.truncate();
  }

  async close(): Promise<void> {
    this.#flush();
    this.#commit.close();
    this.#closed();
  }

  #flush(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    this.#commit.run(waiting).forEach((outcome, index) => {
      waiting[index]?.answer(outcome);
    });
  }
}
