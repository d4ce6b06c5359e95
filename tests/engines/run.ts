import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Engine, missingEngine } from './engine.ts';
import { startEventStoreDb } from './eventstoredb.ts';
import { startKafka } from './kafka.ts';
import { startMongoDb } from './mongodb.ts';
import { startRedis } from './redis.ts';
import { startRedisCluster } from './redis-cluster.ts';
import { readOutcomes, tableOf } from './table.ts';

/** What `npm run test:engines` does; arguments go to jest. Its exit code is jest's. `ENGINES=redis,mongodb` starts no others. */
const root = join(import.meta.dirname, '..', '..');

const starts: Readonly<Record<string, () => Promise<Engine>>> = {
  EventStoreDB: startEventStoreDb,
  Kafka: startKafka,
  MongoDB: startMongoDb,
  Redis: startRedis,
  'Redis Cluster': startRedisCluster,
};
const wanted = process.env.ENGINES?.toLowerCase().split(',');

const startAll = (): Promise<Engine[]> =>
  Promise.all(
    Object.entries(starts).map(async ([name, start]) => {
      if (wanted !== undefined && !wanted.includes(name.toLowerCase())) return missingEngine(name, 'not among ENGINES');
      try {
        return await start();
      } catch (error) {
        return missingEngine(name, `it did not start: ${error instanceof Error ? error.message : error}`);
      }
    }),
  );

/** As jest takes it: where its report is to lie when this run has ended. */
const OUTPUT = '--outputFile=';
const kept = process.argv.find((argument) => argument.startsWith(OUTPUT))?.slice(OUTPUT.length);
const jestArguments = process.argv.slice(2).filter((argument) => argument !== '--json' && !argument.startsWith(OUTPUT));

const runJest = async (engines: readonly Engine[], outcomes: string): Promise<number> => {
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const config = ['--config', join(root, 'jest.engines.config.mjs'), '--json', '--outputFile', outcomes];
  const child = spawn(process.execPath, ['--experimental-vm-modules', '--no-warnings', jest, ...config, ...jestArguments], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'], // its report goes to stderr, its JSON to the file
    env: { ...process.env, ...Object.assign({}, ...engines.map(({ env }) => env)) },
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, pass);
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : 1;
};

const folder = await mkdtemp(join(tmpdir(), 'flexistream-engines-'));
const outcomes = kept ?? join(folder, 'jest.json');
const engines = await startAll();
try {
  process.exitCode = await runJest(engines, outcomes);
  process.stdout.write(tableOf(engines, await readOutcomes(outcomes, root)));
} finally {
  await Promise.all(engines.map((engine) => engine.stop()));
  await rm(folder, { recursive: true, force: true });
}
