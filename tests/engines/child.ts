import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of ours with a temporary folder. */
export interface Child {
  readonly folder: string;
  /** Resolves with the first line of its output since it was started last that matches. @throws when it ends before, with what it last printed. */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
  /** kill -9; the folder stays. */
  kill(): Promise<void>;
  /** The same command on the same folder, after `kill`. */
  restart(): void;
  /** SIGSTOP and SIGCONT: it is there, and silent. */
  freeze(): void;
  thaw(): void;
  /** Ends it for good, and removes the folder. */
  stop(): Promise<void>;
}

const GRACE_MS = 5_000;

/** `args` may use the folder. */
export const startChild = async (command: string, args: (folder: string) => readonly string[]): Promise<Child> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-engine-'));
  const start = () => new Life(spawn(command, args(folder), { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] }));
  let life = start();
  return {
    folder,
    line: (pattern) => life.line(pattern),
    kill: () => life.end('SIGKILL'),
    restart: () => {
      life = start();
    },
    freeze: () => void life.process.kill('SIGSTOP'),
    thaw: () => void life.process.kill('SIGCONT'),
    stop: async () => {
      life.process.kill('SIGCONT');
      const timer = setTimeout(() => life.process.kill('SIGKILL'), GRACE_MS);
      await life.end('SIGTERM');
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const REMEMBERED_LINES = 20;

/** Of a process, from its start to its end. */
class Life {
  readonly process: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #lines: string[] = [];
  readonly #looking = new Set<(line: string) => void>();

  constructor(process: ReturnType<typeof spawn>) {
    this.process = process;
    this.#ended = once(process, 'close').catch(() => {}); // an error of spawn ends it too
    for (const output of [process.stdout, process.stderr]) {
      if (output !== null) createInterface({ input: output }).on('line', (line) => this.#print(line));
    }
  }

  line(pattern: RegExp): Promise<RegExpMatchArray> {
    return new Promise((resolve, reject) => {
      const look = (line: string) => {
        const match = line.match(pattern);
        if (match === null) return;
        this.#looking.delete(look);
        resolve(match);
      };
      this.#looking.add(look);
      for (const line of [...this.#lines]) look(line);
      void this.#ended.then(() => reject(new Error(`${this.process.spawnfile} ended: ${this.#lines.join('\n')}`)));
    });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    this.process.kill(signal);
    await this.#ended;
  }

  #print(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
    for (const look of this.#looking) look(line);
  }
}
