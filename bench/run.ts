import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { accounts } from './accounts.ts';
import type { Benchmark, Finding, Setting } from './budget.ts';
import { ingest } from './ingest.ts';
import { meByDigest, meByKey } from './me.ts';
import { memory } from './memory.ts';
import { rebuild } from './rebuild.ts';
import { lineOf, writeResults } from './results.ts';
import { slowSync } from './slow-sync.ts';
import { split } from './split.ts';
import { start } from './start.ts';

const benchmarks: readonly Benchmark[] = [ingest, slowSync, meByKey, meByDigest, rebuild, accounts, memory, start, split];

const HELP = `npm run bench -- [name…] [options]

Measures the budgets of standalone, each against its own baseline in the same run, and prints one line each;
the last line on stdout is all of it as JSON. Exit code 1 when a budget is missed.

Names (default: all):
${benchmarks.map(({ name, title }) => `  ${name.padEnd(14)}${title}`).join('\n')}

Options:
  --quick           short runs over little data: to see that everything works
  --write           puts the numbers into bench/RESULTS.md
  --folder <path>   keeps prepared data there for later runs: 200,000 accounts take minutes to make. Take another
                    one when events or views have changed. Default: a temporary folder, removed at the end
  --help

BENCH_NODE_FLAGS holds flags for the process that serves, e.g. --cpu-prof --cpu-prof-dir=/tmp/profile
`;

const say = (text: string): void => void process.stderr.write(`${text}\n`);

const settingIn = (work: string, kept: string, quick: boolean): Setting => ({
  quick,
  runs: quick ? 3 : 5,
  seconds: quick ? 2 : 5,
  folder: (name) => mkdtemp(join(work, `${name}-`)),
  prepared: async (name, make) => {
    const folder = join(kept, name);
    if (existsSync(folder)) return folder;
    const unfinished = await mkdtemp(join(kept, `${name}-unfinished-`));
    await make(unfinished);
    await rename(unfinished, folder);
    return folder;
  },
  say: (text) => say(`  ${text}`),
});

const chosen = (names: readonly string[]): readonly Benchmark[] => {
  const unknown = names.filter((name) => !benchmarks.some((one) => one.name === name));
  if (unknown.length > 0) throw new Error(`no benchmark ${unknown.join(', ')}: see --help`);
  return names.length === 0 ? benchmarks : benchmarks.filter(({ name }) => names.includes(name));
};

const runAll = async (list: readonly Benchmark[], setting: Setting): Promise<readonly Finding[]> => {
  const all: Finding[] = [];
  for (const { name, title, run } of list) {
    say(`${name}: ${title}`);
    const findings = await run(setting).catch((error: unknown) => {
      say(`  ${name} could not be measured: ${error instanceof Error ? error.stack : String(error)}`);
      process.exitCode = 1;
      return [];
    });
    for (const finding of findings) console.log(lineOf(finding));
    all.push(...findings);
  }
  return all;
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    folder: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) {
  console.log(HELP);
} else {
  const list = chosen(positionals);
  const work = await mkdtemp(join(tmpdir(), 'flexistream-bench-'));
  const kept = values.folder === undefined ? work : resolve(values.folder);
  await mkdir(kept, { recursive: true });
  try {
    const findings = await runAll(list, settingIn(work, kept, values.quick));
    console.log(JSON.stringify({ findings }));
    const command = ['npm run bench --', ...process.argv.slice(2)].join(' ');
    if (values.write) await writeResults(findings, command);
    if (findings.some(({ holds }) => holds === false)) process.exitCode = 1;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}
