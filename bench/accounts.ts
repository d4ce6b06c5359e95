import { cp } from 'node:fs/promises';
import { atMost, type Benchmark, type Finding, rounded, told } from './budget.ts';
import { load, type Sample, sampleOf } from './load.ts';
import { accountBody, FEW, folderWithAccounts, manyAccounts, sipAddressOf } from './population.ts';
import { type Server, startServer } from './processes.ts';

const LIMIT = 1.5;
const CREATIONS = 1_000;

interface Pair {
  readonly few: number;
  readonly many: number;
}

export const accounts: Benchmark = {
  name: 'accounts',
  title: 'p99 of account creation and look-up, 200,000 accounts against 1,000',
  run: async (setting) => {
    const { runs, seconds, folder } = setting;
    const many = manyAccounts(setting);
    const small = await folderWithAccounts(setting, FEW);
    const large = await folder('many');
    await cp(await folderWithAccounts(setting, many), large, { recursive: true });
    await using manyServer = await startServer({ folder: large });
    const creations: Pair[] = [];
    const lookUps: Pair[] = [];
    for (let turn = 0; turn <= runs; turn++) {
      const fresh = await folder('few'); // each turn anew: what it creates would make the few many
      await cp(small, fresh, { recursive: true });
      await using fewServer = await startServer({ folder: fresh });
      await warmUp(fewServer, FEW, turn);
      await warmUp(manyServer, many, turn);
      const found = { few: await lookUp(fewServer, FEW, seconds), many: await lookUp(manyServer, many, seconds) };
      const made = { few: await create(fewServer, `turn${turn}`, CREATIONS), many: await create(manyServer, `turn${turn}`, CREATIONS) };
      if (turn === 0) continue;
      lookUps.push(found);
      creations.push(made);
    }
    return [finding('account creation', creations, many), finding('account look-up', lookUps, many)];
  },
};

const warmUp = async (server: Server, accounts: number, turn: number): Promise<void> => {
  await lookUp(server, accounts, 1);
  await create(server, `warm${turn}`, 200);
};

/** p99 in milliseconds. */
const create = async ({ url, adminKey }: Server, prefix: string, amount: number): Promise<number> => {
  let made = 0;
  const { p99 } = await load({
    url: `${url}/api/accounts`,
    method: 'POST',
    headers: { 'x-api-key': adminKey, 'content-type': 'application/json' },
    each: () => ({ body: JSON.stringify(accountBody(`${prefix}x${made++}`)) }),
    amount,
  });
  return p99;
};

/** By id and by SIP address in turns. */
const lookUp = async ({ url, adminKey }: Server, accounts: number, seconds: number): Promise<number> => {
  let asked = 0;
  const any = (): number => Math.floor(Math.random() * accounts);
  const path = (): string => (asked++ % 2 === 0 ? `/api/accounts/${1 + any()}` : `/api/accounts/${sipAddressOf(any())}/search`);
  const { p99 } = await load({ url, headers: { 'x-api-key': adminKey }, each: () => ({ path: path() }), seconds });
  return p99;
};

const finding = (name: string, pairs: readonly Pair[], many: number): Finding => {
  const ratio: Sample = sampleOf(pairs.map((pair) => pair.many / pair.few));
  const at = (which: keyof Pair): string => told(sampleOf(pairs.map((pair) => pair[which])));
  return {
    name,
    budget: `≤ ${LIMIT} × p99 at ${rounded(FEW)}`,
    value: ratio.median,
    spread: ratio,
    unit: '×',
    holds: atMost(LIMIT, ratio.median),
    details: `p99 ${at('many')} ms at ${rounded(many)} accounts, ${at('few')} ms at ${rounded(FEW)}, 50 at once`,
  };
};
