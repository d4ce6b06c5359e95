import { request } from 'undici';
import { atLeast, type Benchmark, type Finding, type Setting, told } from './budget.ts';
import { challenged, type DigestClient } from './digest-client.ts';
import { CONNECTIONS, load, type Own, type Ratio, ratioOf } from './load.ts';
import { ADMIN, type Running, startBaseline, startServer } from './processes.ts';

const ME = '/api/accounts/me';
/** Limits count, but nobody reaches them: DIGEST has no exemption for admins, a benchmark asks more often than a phone. */
const OUT_OF_REACH = { RATE_LIMIT_PER_MINUTE: '1000000000' } as const;

export const meByKey: Benchmark = {
  name: 'me-by-key',
  title: 'GET /api/accounts/me by API key, against a bare GET of that body',
  run: async (setting) => {
    const ratio = await compared(setting, {}, async () => () => ({ headers: { 'x-api-key': ADMIN.key } }));
    return [finding('me by key', 0.6, ratio)];
  },
};

export const meByDigest: Benchmark = {
  name: 'me-by-digest',
  title:
    'GET /api/accounts/me by DIGEST SHA-256, one challenge a connection, nc counts up, against a bare GET that is sent the same headers',
  run: async (setting) => {
    const ratio = await compared(setting, OUT_OF_REACH, async (server) => {
      const clients = await Promise.all(Array.from({ length: CONNECTIONS }, () => challenged(server.url, ME)));
      return eachOfItsOwn(clients);
    });
    return [finding('me by DIGEST', 0.35, ratio)];
  },
};

/** A connection is a phone: it keeps its challenge. */
const eachOfItsOwn = (clients: readonly DigestClient[]): ((connection: object) => Own) => {
  const taken = new Map<object, DigestClient>();
  return (connection) => {
    const client = taken.get(connection) ?? clients[taken.size];
    if (client === undefined) throw new Error('there are more connections than clients');
    taken.set(connection, client);
    return { headers: client() };
  };
};

/** Both are sent the same headers, made the same way: what the client's hashing costs, both pay. */
const compared = async (
  { runs, seconds, folder }: Setting,
  env: Readonly<Record<string, string>>,
  login: (server: Running) => Promise<(connection: object) => Own>,
): Promise<Ratio> => {
  await using server = await startServer({ folder: await folder('me'), env });
  const { body } = await request(`${server.url}${ME}`, { headers: { 'x-api-key': ADMIN.key } });
  await using baseline = await startBaseline((await body.json()) as object);
  return await ratioOf(
    runs,
    async () => (await load({ url: `${baseline.url}/account`, each: await login(server), seconds })).rate,
    async () => (await load({ url: `${server.url}${ME}`, each: await login(server), seconds })).rate,
  );
};

const finding = (name: string, limit: number, { ratio, ours, baseline }: Ratio): Finding => ({
  name,
  budget: `≥ ${limit} × bare Express GET`,
  value: ratio.median,
  spread: ratio,
  unit: '×',
  holds: atLeast(limit, ratio.median),
  details: `${told(ours)}/s, bare ${told(baseline)}/s`,
});
