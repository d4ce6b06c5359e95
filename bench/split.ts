import { readFile } from 'node:fs/promises';
import type { ServiceName } from '@flexistream/contracts';
import { request } from 'undici';
import type { Engine } from '../tests/engines/engine.ts';
import { startEventStoreDb } from '../tests/engines/eventstoredb.ts';
import { startKafka } from '../tests/engines/kafka.ts';
import { startMongoDb } from '../tests/engines/mongodb.ts';
import { startRedis } from '../tests/engines/redis.ts';
import { type Split, startSplit } from '../tests/split/start-split.ts';
import { type Benchmark, type Finding, type Setting, told } from './budget.ts';
import { announcedCall, asFlexisip, CALLS, everybodyOnce } from './calls.ts';
import { inParallel } from './in-process.ts';
import { load, type Ratio, ratioOf } from './load.ts';
import { ADMIN, firstStartEnvironment, startServer } from './processes.ts';

const ME = '/api/accounts/me';
/**
 * With more, what is measured is the stand-in for MongoDB, which all services share: it does one command at a time, and finds by anything but
 * an id by reading everything. An address is looked up by its hash once a minute.
 */
const [CONNECTIONS, PEOPLE] = [10, 50];

/** Split processes have no budget of their own: what an operator gets for the price of engines and processes, and where it ends. */
export const split: Benchmark = {
  name: 'split',
  title: 'ingest and reads through split processes on engines, against standalone; two statistics instances against one',
  run: async (setting) => {
    const engines = await Promise.all([startEventStoreDb(), startKafka(), startMongoDb(), startRedis()]);
    try {
      const missing = engines.filter(({ kind }) => kind === 'missing').map(({ name }) => name);
      if (missing.length > 0) throw new Error(`${missing.join(', ')} cannot be had on this machine`);
      return await compared(setting, engines);
    } finally {
      await Promise.all(engines.map((engine) => engine.stop()));
    }
  },
};

const compared = async ({ runs, seconds, folder, say }: Setting, engines: readonly Engine[]): Promise<readonly Finding[]> => {
  const env = { ...Object.assign({}, ...engines.map((engine) => engine.env)), ...firstStartEnvironment };
  await using standalone = await startServer({ folder: await folder('split-standalone'), env: { RATE_LIMIT_PER_MINUTE: '0' } });
  await using one = await startSplit({ env });
  await using two = await startSplit({ env, statistics: 2 });
  say(engines.map(({ name, version, kind }) => `${name} ${version} (${kind})`).join(', '));
  const ingest = async ({ url }: { readonly url: string }) =>
    (
      await load({
        url: `${url}${CALLS}`,
        method: 'POST',
        headers: asFlexisip,
        each: () => ({ body: announcedCall(PEOPLE) }),
        seconds,
        connections: CONNECTIONS,
      })
    ).rate;
  const read = async ({ url }: { readonly url: string }) =>
    (await load({ url: `${url}${ME}`, headers: { 'x-api-key': ADMIN.key }, seconds, connections: CONNECTIONS })).rate;
  for (const installation of [standalone, one, two]) {
    await introduce(installation.url);
    await ingest(installation); // the first calls of a process run code that is not compiled yet
    await read(installation);
  }
  const ingested = await ratioOf(
    runs,
    () => ingest(standalone),
    () => ingest(one),
  );
  const costs = await cpuOf(one, ['gateway', 'statistics'], () => ingest(one), seconds);
  const grown = await ratioOf(
    runs,
    () => ingest(one),
    () => ingest(two),
  );
  const readings = await ratioOf(
    runs,
    () => read(standalone),
    () => read(one),
  );
  return [
    finding('split ingest', 'standalone', ingested, 'calls/s', `; ${costs}`),
    finding('split ingest, two statistics instances', 'one', grown, 'calls/s'),
    finding('split me by key', 'standalone', readings, '/s'),
  ];
};

/** Few at once: the first sight of an address or a device costs writes of the key store, which a stand-in makes slowly, one after the other. */
const INTRODUCED_AT_ONCE = 4;

/** So that nobody is seen for the first time while calls are counted. */
const introduce = async (url: string): Promise<void> => {
  const bodies = everybodyOnce(PEOPLE);
  await inParallel(bodies.length, INTRODUCED_AT_ONCE, async (person) => {
    const { statusCode, body } = await request(`${url}${CALLS}`, { method: 'POST', headers: asFlexisip, body: bodies[person] ?? '' });
    await body.dump();
    if (statusCode !== 200) throw new Error(`a call was answered with ${statusCode}`);
  });
};

const finding = (name: string, baseline: string, { ratio, ours, baseline: other }: Ratio, unit: string, more = ''): Finding => ({
  name,
  budget: `none; ${baseline}`,
  value: ratio.median,
  spread: ratio,
  unit: '×',
  holds: undefined,
  details: `${told(ours)} ${unit}, ${baseline} ${told(other)} ${unit}${more}`,
});

/** Microseconds of CPU that each of these processes takes for one request of the work. */
const cpuOf = async (installation: Split, names: readonly ServiceName[], work: () => Promise<number>, seconds: number): Promise<string> => {
  const before = await Promise.all(names.map((name) => cpuMs(installation.instance(name).pid())));
  const requests = (await work()) * seconds;
  const after = await Promise.all(names.map((name) => cpuMs(installation.instance(name).pid())));
  return names
    .map((name, n) => `${name} ${Math.round((((after[n] ?? 0) - (before[n] ?? 0)) * 1_000) / requests)} µs of CPU a call`)
    .join(', ');
};

/** What Linux counts in `utime` and `stime`, proc(5): hundredths of a second. */
const cpuMs = async (pid: number): Promise<number> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  return (Number(user) + Number(system)) * 10;
};
