import { Worker } from 'node:worker_threads';
import type { Answers, Request, RunItem } from './messages.ts';
import type { Outcome } from './outcome.ts';
import type { Writer, WriterFile, WriterFileOptions } from './writer.ts';

/**
 * One worker thread that writes any number of files, so that no sync ever stops the event loop (design §3). What is asked in one tick
 * crosses as one message; what arrives while a commit runs is the next batch. Should the thread die, everything that waits and
 * everything asked later is lost, and says so.
 */
export class WriterThread implements Writer {
  readonly #worker = new Worker(new URL('./writer-thread-worker.ts', import.meta.url));
  readonly #calls = new Map<number, (outcome: Outcome) => void>();
  readonly #files = new Set<WriterFile>();
  #items: RunItem[] = [];
  #numbers = 0;
  #dead: string | undefined;

  constructor() {
    this.#worker.on('message', (answers: Answers) => this.#answer(answers));
    this.#worker.on('error', (error) => this.#die(`the writer thread failed: ${error instanceof Error ? error.message : 'unknown'}`));
    this.#worker.on('exit', () => this.#die('the writer thread has ended'));
    this.#worker.unref(); // only what is asked for keeps the process alive
  }

  async openFile({ file, program, cacheKib }: WriterFileOptions): Promise<WriterFile> {
    const id = this.#numbers++;
    const outcome = await this.#call((call) => this.#send({ ask: 'open', call, id, file, program: program.href, cacheKib }));
    if ('failed' in outcome) throw Object.assign(new Error(outcome.failed.message), outcome.failed.fields);
    if ('lost' in outcome) throw new Error(outcome.lost);
    const opened: WriterFile = {
      run: (name, input) => this.#call((call) => this.#collect({ call, id, name, input })),
      truncate: () => this.#call((call) => this.#send({ ask: 'truncate', call, id })),
      close: async () => {
        if (this.#files.delete(opened)) await this.#call((call) => this.#send({ ask: 'close', call, id }));
      },
    };
    this.#files.add(opened);
    return opened;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#files].map((file) => file.close()));
    await this.#worker.terminate();
  }

  #call(ask: (call: number) => void): Promise<Outcome> {
    if (this.#dead !== undefined) return Promise.resolve({ lost: this.#dead });
    const call = this.#numbers++;
    return new Promise((resolve) => {
      if (this.#calls.size === 0) this.#worker.ref();
      this.#calls.set(call, resolve);
      ask(call);
    });
  }

  #collect(item: RunItem): void {
    if (this.#items.length === 0) setImmediate(() => this.#flush());
    this.#items.push(item);
  }

  /** Keeps the order of what was asked: what was collected goes first. */
  #send(request: Request): void {
    this.#flush();
    this.#worker.postMessage(request);
  }

  #flush(): void {
    const items = this.#items;
    if (items.length === 0) return;
    this.#items = [];
    try {
      this.#worker.postMessage({ ask: 'run', items } satisfies Request);
    } catch {
      this.#sendOneByOne(items);
    }
  }

  /** One input that cannot be cloned must not take the others with it. */
  #sendOneByOne(items: readonly RunItem[]): void {
    for (const item of items) {
      try {
        this.#worker.postMessage({ ask: 'run', items: [item] } satisfies Request);
      } catch {
        const failed = { message: `the input of ${item.name} holds what cannot cross to the writer thread`, stack: undefined, fields: {} };
        this.#answer([[item.call, { failed }]]);
      }
    }
  }

  #answer(answers: Answers): void {
    for (const [call, outcome] of answers) {
      const resolve = this.#calls.get(call);
      this.#calls.delete(call);
      resolve?.(outcome);
    }
    if (this.#calls.size === 0) this.#worker.unref();
  }

  #die(reason: string): void {
    this.#dead ??= reason;
    this.#answer([...this.#calls.keys()].map((call) => [call, { lost: reason }] as const));
  }
}
