import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process of ours with a temporary folder. */
export interface Child {
  readonly folder: string;
  readonly process: ChildProcess;
  /** Resolves with the first line of standard output that matches. @throws when the process ends before, with what it last printed. */
  line(pattern: RegExp): Promise<RegExpMatchArray>;
  stop(): Promise<void>;
}

const GRACE_MS = 5_000;
const REMEMBERED_LINES = 20;

/** `args` may use the folder. */
export const startChild = async (command: string, args: (folder: string) => readonly string[]): Promise<Child> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-engine-'));
  const child = spawn(command, args(folder), { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = once(child, 'close').catch(() => {}); // an error of spawn ends it too
  const lines: string[] = [];
  const waiting = new Set<(line: string) => void>();
  for (const output of [child.stdout, child.stderr]) {
    createInterface({ input: output }).on('line', (line) => {
      lines.push(line);
      if (lines.length > REMEMBERED_LINES) lines.shift();
      for (const look of waiting) look(line);
    });
  }
  return {
    folder,
    process: child,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (line: string) => {
          const match = line.match(pattern);
          if (match === null) return;
          waiting.delete(look);
          resolve(match);
        };
        waiting.add(look);
        for (const line of lines) look(line);
        void ended.then(() => reject(new Error(`${command} ended: ${lines.join('\n')}`)));
      }),
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      await ended;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
};
