import { setTimeout as pause } from 'node:timers/promises';
import { atLeast, type Benchmark, told } from './budget.ts';
import { announcedCall, asFlexisip, CALLS } from './calls.ts';
import { load, ratioOf } from './load.ts';
import { projectionLag, type Server, startBaseline, startServer } from './processes.ts';

const LIMIT = 0.55;

export const ingest: Benchmark = {
  name: 'ingest',
  title: 'POST /api/statistics/calls, durable, against an echo of the same JSON',
  run: async ({ runs, seconds, folder }) => {
    await using server = await startServer({ folder: await folder('ingest') });
    await using baseline = await startBaseline();
    const posts = { method: 'POST', headers: asFlexisip, each: () => ({ body: announcedCall() }), seconds } as const;
    const {
      ratio,
      ours,
      baseline: echo,
    } = await ratioOf(
      runs,
      async () => (await load({ ...posts, url: `${baseline.url}/echo` })).rate,
      async () => (await load({ ...posts, url: `${server.url}${CALLS}` })).rate,
    );
    const caughtUp = await millisecondsUntilCaughtUp(server);
    return [
      {
        name: 'ingest',
        budget: `≥ ${LIMIT} × bare Express echo`,
        value: ratio.median,
        spread: ratio,
        unit: '×',
        holds: atLeast(LIMIT, ratio.median),
        details: `${told(ours)} calls/s, echo ${told(echo)}/s; views caught up ${Math.round(caughtUp)} ms after the last one`,
      },
    ];
  },
};

const millisecondsUntilCaughtUp = async (server: Server): Promise<number> => {
  const begun = performance.now();
  while ((await projectionLag(server)) > 0) await pause(5);
  return performance.now() - begun;
};
