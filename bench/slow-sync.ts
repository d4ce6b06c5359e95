import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { atMost, type Benchmark, told } from './budget.ts';
import { announcedCall, asFlexisip, CALLS } from './calls.ts';
import { load, percentile, sampleOf } from './load.ts';
import { type Server, startServer } from './processes.ts';

const LIMIT = 3;
const run = promisify(execFile);

export const slowSync: Benchmark = {
  name: 'slow-sync',
  title: 'p99 of an unrelated GET during ingest, 5 ms added to every sync, against its value when nothing else happens',
  run: async ({ runs, seconds, folder }) => {
    const library = join(await folder('library'), 'slow-sync.so');
    await run('cc', ['-shared', '-fPIC', '-O2', '-o', library, join(import.meta.dirname, 'slow-sync.c'), '-ldl']);
    await using server = await startServer({ folder: await folder('slow-sync'), env: { LD_PRELOAD: library, SLOW_SYNC_MS: '5' } });
    const ingest = (): Promise<{ rate: number }> =>
      load({
        url: `${server.url}${CALLS}`,
        method: 'POST',
        headers: asFlexisip,
        each: () => ({ body: announcedCall() }),
        seconds: seconds + 1,
      });
    await Promise.all([ingest(), probe(server, seconds)]); // both are warm then
    const pairs: { idle: number; busy: number; rate: number }[] = [];
    for (let turn = 0; turn < runs; turn++) {
      const idle = await probe(server, seconds);
      const [{ rate }, busy] = await Promise.all([ingest(), probe(server, seconds)]);
      pairs.push({ idle, busy, rate });
    }
    const ratio = sampleOf(pairs.map(({ idle, busy }) => busy / idle));
    const [idle, busy, rate] = (['idle', 'busy', 'rate'] as const).map((name) => told(sampleOf(pairs.map((pair) => pair[name]))));
    return [
      {
        name: 'p99 with slow syncs',
        budget: `≤ ${LIMIT} × idle`,
        value: ratio.median,
        spread: ratio,
        unit: '×',
        holds: atMost(LIMIT, ratio.median),
        details: `p99 of GET /api/accounts/me ${busy} ms while ${rate} calls/s go in, ${idle} ms idle`,
      },
    ];
  },
};

/** p99 in milliseconds. */
const probe = async ({ url, adminKey }: Server, seconds: number): Promise<number> => {
  const prober = join(import.meta.dirname, 'prober.ts');
  const { stdout } = await run(process.execPath, [prober, `${url}/api/accounts/me`, adminKey, String(seconds)], { maxBuffer: 2 ** 26 });
  return percentile(JSON.parse(stdout) as number[], 0.99);
};
