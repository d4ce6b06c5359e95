import { atMost, type Benchmark, rounded, told } from './budget.ts';
import { sampleOf } from './load.ts';
import { folderWithAccounts, manyAccounts } from './population.ts';
import { startServer } from './processes.ts';

const LIMIT = 2_000;

export const start: Benchmark = {
  name: 'start',
  title: 'start of the serving process to its first answer, 200,000 accounts on disk',
  run: async (setting) => {
    const accounts = manyAccounts(setting);
    const data = await folderWithAccounts(setting, accounts);
    const ping: number[] = [];
    const login: number[] = [];
    for (let run = 0; run < setting.runs; run++) {
      await using server = await startServer({ folder: data });
      ping.push(server.started.firstAnswer);
      login.push(server.started.firstLogin);
    }
    const first = sampleOf(ping);
    return [
      {
        name: 'start',
        budget: `≤ ${rounded(LIMIT)} ms`,
        value: first.median,
        spread: first,
        unit: 'ms',
        holds: atMost(LIMIT, first.median),
        details: `GET /api/ping; GET /api/accounts/me by key after ${told(sampleOf(login))} ms; ${rounded(accounts)} accounts`,
      },
    ];
  },
};
