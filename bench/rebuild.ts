import { cp } from 'node:fs/promises';
import { atLeast, type Benchmark, rounded } from './budget.ts';
import { openInProcess } from './in-process.ts';
import { sampleOf } from './load.ts';
import { folderWithLog } from './rebuild-log.ts';

const LIMIT = 50_000;

interface Rebuilt {
  readonly events: number;
  readonly seconds: number;
}

export const rebuild: Benchmark = {
  name: 'rebuild',
  title: 'rebuild of all projections, half statistics, half accounts and spaces, a tenth erased',
  run: async (setting) => {
    const data = await setting.folder('rebuild');
    await cp(await folderWithLog(setting, setting.quick ? 1_000 : 20_000), data, { recursive: true });
    const runs: (readonly [string, Rebuilt])[][] = [];
    for (let run = 0; run < setting.runs; run++) runs.push(await rebuildAll(data));
    const rates = sampleOf(runs.map(rateOf));
    const services = runs[0]?.map(([name, { events }], place) => {
      const rate = sampleOf(runs.map((run) => rateOf(run[place] === undefined ? [] : [run[place]])));
      return `${name} ${rounded(events)} at ${rounded(rate.median)}/s`;
    });
    return [
      {
        name: 'rebuild',
        budget: `≥ ${rounded(LIMIT)} events/s`,
        value: rates.median,
        spread: rates,
        unit: 'events/s',
        holds: atLeast(LIMIT, rates.median),
        details: `${rounded(sum(runs[0] ?? [], 'events'))} events: ${services?.join(', ')}`,
      },
    ];
  },
};

/** Opened anew each time, as `npm start -- rebuild` does it; only the rebuilding is timed. */
const rebuildAll = async (folder: string): Promise<(readonly [string, Rebuilt])[]> => {
  const { services, stop } = await openInProcess(folder, { passive: true });
  const rebuilt: (readonly [string, Rebuilt])[] = [];
  for (const [name, service] of services.running) {
    const begun = performance.now();
    const events = await service.rebuild(() => {});
    rebuilt.push([name, { events, seconds: (performance.now() - begun) / 1_000 }]);
  }
  await stop();
  return rebuilt.filter(([, { events }]) => events > 1); // a log that holds nothing but its own mark tells nothing
};

const sum = (run: readonly (readonly [string, Rebuilt])[], what: keyof Rebuilt): number => run.reduce((all, [, one]) => all + one[what], 0);
const rateOf = (run: readonly (readonly [string, Rebuilt])[]): number => sum(run, 'events') / sum(run, 'seconds');
