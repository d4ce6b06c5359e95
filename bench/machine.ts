import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import { cpus, loadavg, release, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { median, percentile } from './load.ts';

/** In one sentence: what the numbers were measured on. */
export const machine = async (): Promise<string> => {
  const { half, most } = await syncTimes();
  const memory = Math.round(totalmem() / 2 ** 30);
  return [
    `${cpus().length} × ${cpus()[0]?.model.trim()}${await familyOf()}`,
    `${memory} GiB memory`,
    `Linux ${release()}`,
    `${tmpdir()}: write and fdatasync of 4 KiB ${half.toFixed(2)} ms (p99 ${most.toFixed(2)} ms)`,
    `Node ${process.versions.node}, SQLite ${process.versions.sqlite}`,
    `load before: ${loadavg()
      .map((load) => load.toFixed(1))
      .join(', ')}`,
  ].join('; ');
};

/** A virtual CPU may say no more than its maker: family and model tell the generation. */
const familyOf = async (): Promise<string> => {
  const info = await readFile('/proc/cpuinfo', 'utf8').catch(() => '');
  const [, family] = /^cpu family\s*: (\d+)/m.exec(info) ?? [];
  const [, model] = /^model\s*: (\d+)/m.exec(info) ?? [];
  return family === undefined ? '' : ` (family ${family}, model ${model})`;
};

const syncTimes = async (): Promise<{ half: number; most: number }> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-sync-'));
  const file = await open(join(folder, 'file'), 'w');
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const begun = performance.now();
    await file.write(Buffer.alloc(4096), 0, 4096, round * 4096);
    await file.datasync();
    times.push(performance.now() - begun);
  }
  await file.close();
  await rm(folder, { recursive: true });
  return { half: median(times), most: percentile(times, 0.99) };
};
