/**
 * What the writer thread costs and what it gives (design §3): appends by 50 at once, with it and without, on this disk and with 5 ms
 * added to every sync. Run by `node_modules/.bin/node bench/writer-thread.ts`; each measurement is a process of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import { type NewEvent, uuidv7 } from '../packages/kernel/src/index.ts';
import { openServiceStore } from '../packages/read-models/src/embedded/index.ts';
import { InProcessWriter, WriterThread } from '../packages/sqlite/src/index.ts';

const APPENDERS = 50;
const RUNS = 5;
const SLOW_SYNC_MS = 5;

interface Measured {
  /** Appends a second. */
  readonly rate: number;
  /** How late the event loop was, 99th percentile, in milliseconds: what a request that only reads would wait. */
  readonly late: number;
}

const fresh = (): NewEvent => {
  const command = uuidv7();
  return {
    id: uuidv7(),
    type: 'CallStarted',
    schema: 1,
    data: { id: command, from: 123_456_789, to: 987_654_321, initiatedAt: '2026-01-01T00:00:00.000Z', space: 1 },
    metadata: { command, correlation: command, actor: 'account:1', space: '1', at: '2026-01-01T00:00:00.000Z' },
  };
};

/** In the process that measures: appends of one event each to streams of their own, as calls come in. */
const measure = async (thread: boolean, seconds: number): Promise<Measured> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-bench-'));
  const writer = thread ? new WriterThread() : new InProcessWriter();
  const { eventStore } = await openServiceStore({ file: join(folder, 'statistics.db'), writer });
  const append = () => eventStore.append(`call-${crypto.randomUUID()}`, [fresh()], { expect: 'no-stream' });
  const run = async (ms: number): Promise<number> => {
    const end = performance.now() + ms;
    let appended = 0;
    const appender = async () => {
      for (; performance.now() < end; appended++) await append();
    };
    await Promise.all(Array.from({ length: APPENDERS }, appender));
    return appended;
  };
  await run(500); // warm
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const begun = performance.now();
  const appended = await run(seconds * 1_000);
  const rate = appended / ((performance.now() - begun) / 1_000);
  delay.disable();
  await eventStore.close();
  await writer.close();
  await rm(folder, { recursive: true });
  return { rate, late: delay.percentile(99) / 1e6 };
};

const run = promisify(execFile);

const inProcess = async (mode: 'thread' | 'none', seconds: string, env: Record<string, string>): Promise<Measured> => {
  const args = [fileURLToPath(import.meta.url), '--measure', mode, '--seconds', seconds];
  const { stdout } = await run(process.execPath, args, { env: { ...process.env, NODE_NO_WARNINGS: '1', ...env } });
  return JSON.parse(stdout) as Measured;
};

const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

const compare = async (disk: string, seconds: string, env: Record<string, string>): Promise<void> => {
  const withThread: Measured[] = [];
  const without: Measured[] = [];
  for (let turn = 0; turn < RUNS; turn++) {
    withThread.push(await inProcess('thread', seconds, env)); // in turns, so that a noisy minute meets both
    without.push(await inProcess('none', seconds, env));
  }
  const tell = (runs: readonly Measured[]) =>
    `${Math.round(median(runs.map(({ rate }) => rate)))} appends/s, event loop late by ${median(runs.map(({ late }) => late)).toFixed(1)} ms (p99)`;
  const ratio = median(withThread.map(({ rate }, turn) => rate / (without[turn]?.rate ?? Number.NaN)));
  console.log(
    `${disk}\n  with the thread     ${tell(withThread)}\n  without             ${tell(without)}\n  ratio               ${ratio.toFixed(2)}`,
  );
};

const slowLibrary = async (folder: string): Promise<string> => {
  const library = join(folder, 'slow-sync.so');
  await run('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'slow-sync.c'), '-ldl']);
  return library;
};

const { values } = parseArgs({ options: { measure: { type: 'string' }, seconds: { type: 'string', default: '4' } } });

if (values.measure === undefined) {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-bench-'));
  console.log(
    `${APPENDERS} at once, ${RUNS} runs of ${values.seconds} s each, median; ${availableParallelism()} cores, Node.js ${process.version}`,
  );
  await compare('this disk', values.seconds, {});
  await compare(`this disk, ${SLOW_SYNC_MS} ms added to every sync`, values.seconds, {
    LD_PRELOAD: await slowLibrary(folder),
    SLOW_SYNC_MS: String(SLOW_SYNC_MS),
  });
  await rm(folder, { recursive: true });
} else {
  process.stdout.write(JSON.stringify(await measure(values.measure === 'thread', Number(values.seconds))));
}
