import { cp } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { atMost, type Benchmark, rounded } from './budget.ts';
import { announcedCall, asFlexisip, CALLS } from './calls.ts';
import { load } from './load.ts';
import { folderWithAccounts, manyAccounts } from './population.ts';
import { projectionLag, residentMemory, type Server, startServer } from './processes.ts';

const LIMIT_MB = 150;
/** Flat: after all events no more than this above what it was after the first tenth, when every cache and heap has its size. */
const FLAT = 1.1;
const TENTHS = 10;

export const memory: Benchmark = {
  name: 'memory',
  title: 'resident memory of standalone with 200,000 accounts: idle, then over a million statistics events',
  run: async (setting) => {
    const { quick, folder, say } = setting;
    const accounts = manyAccounts(setting);
    const events = quick ? 20_000 : 1_000_000;
    const data = await folder('memory');
    await cp(await folderWithAccounts(setting, accounts), data, { recursive: true });
    await using server = await startServer({ folder: data });
    const idle = await restingMemory(server, quick ? 2 : 15);
    const samples: number[] = [];
    for (let tenth = 0; tenth < TENTHS; tenth++) {
      await announce(server, events / TENTHS);
      samples.push(await residentMemory(server));
      say(`${rounded(((tenth + 1) * events) / TENTHS)} events: ${rounded(samples.at(-1) ?? 0)} MB`);
    }
    const growth = (samples.at(-1) ?? Number.NaN) / (samples[0] ?? Number.NaN);
    const after = await restingMemory(server, quick ? 2 : 15);
    return [
      {
        name: 'idle memory',
        budget: `≤ ${LIMIT_MB} MB`,
        value: idle,
        unit: 'MB',
        holds: atMost(LIMIT_MB, idle),
        details: `${rounded(accounts)} accounts, TLS and metrics on; ${rounded(after)} MB at rest after ${rounded(events)} events`,
      },
      {
        name: 'memory over events',
        budget: `flat: ≤ ${FLAT} × after a tenth`,
        value: growth,
        unit: '×',
        holds: atMost(FLAT, growth),
        details: `MB after each tenth of ${rounded(events)} events: ${samples.map((sample) => rounded(sample)).join(', ')}`,
      },
    ];
  },
};

const restingMemory = async (server: Server, seconds: number): Promise<number> => {
  while ((await projectionLag(server)) > 0) await pause(50);
  await pause(seconds * 1_000);
  return residentMemory(server);
};

const announce = ({ url }: Server, amount: number) =>
  load({ url: `${url}${CALLS}`, method: 'POST', headers: asFlexisip, each: () => ({ body: announcedCall() }), amount });
