import { setTimeout as pause } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { ask } from '../client.ts';
import { type Account, createAccount } from '../population.ts';
import { Load } from './load.ts';
import type { Split } from './start-split.ts';

/** Within which what cannot be served is answered with 503 (design §7). */
export const REFUSED_WITHIN_MS = 2_000;
export const RECOVERED_WITHIN_MS = 20_000;

export interface Harm {
  readonly breaks: () => Promise<void>;
  readonly mends: () => Promise<void>;
  /** Connections may break: it is their gateway that is killed. */
  readonly cut?: boolean;
  /** Who must notice before it is mended, so that the case shows something; nobody: not one account may be refused. */
  readonly felt: 'account' | 'call' | 'nobody' | undefined;
}

let callers = 0;

/** The load runs before, while and after something is broken; then nothing that was acknowledged may be missing, and nothing is there twice. */
export const survive = async (split: Split, { breaks, mends, cut = false, felt }: Harm): Promise<void> => {
  const caller = await createAccount(split, { username: `the.caller.${++callers}`, domain: 'sip.localhost' });
  const load = new Load(split, caller);
  try {
    await load.goesOn(3, RECOVERED_WITHIN_MS);
    await breaks();
    if (felt === 'account' || felt === 'call') await load.feels(felt, RECOVERED_WITHIN_MS);
    await mends();
    await load.goesOn(5, RECOVERED_WITHIN_MS);
  } finally {
    await load.stop();
  }
  expect(felt === 'nobody' ? refusals(load) : refusals(load).filter((one) => !isProperRefusal(one, cut))).toEqual([]);
  expect(load.failed('call').map(({ answer, ms }) => [answer?.status, ms])).toEqual([]); // held, not refused
  for (const { answer, name } of load.acknowledged('account')) {
    const read = await ask(split, `/api/accounts/${answer.json.id}`, { key: split.adminKey });
    expect([read.status, read.json.username]).toEqual([200, name]);
  }
  const reported = load.acknowledged('call').length;
  expect(await callsOf(split, caller, reported)).toBe(reported);
};

interface Refusal {
  readonly status: number | 'cut';
  readonly retryAfter: boolean;
  /** 0: in time. */
  readonly lateMs: number;
}

const refusals = (load: Load): readonly Refusal[] =>
  load.failed('account').map(({ answer, ms }) => ({
    status: answer?.status ?? 'cut',
    retryAfter: answer?.headers['retry-after'] !== undefined,
    lateMs: ms > REFUSED_WITHIN_MS ? Math.round(ms) : 0,
  }));

const isProperRefusal = ({ status, retryAfter, lateMs }: Refusal, cut: boolean): boolean =>
  (cut && status === 'cut') || (status === 503 && retryAfter && lateMs === 0);

/** How many calls the account is shown, once the view has caught up with what is expected, or has had time to. */
const callsOf = async (split: Split, account: Account, expected: number): Promise<number> => {
  for (const deadline = Date.now() + RECOVERED_WITHIN_MS; ; await pause(50)) {
    const { status, json } = await ask(split, `/api/accounts/${account.id}/statistics/calls`, { key: split.adminKey });
    if (status === 200 && (json.total >= expected || Date.now() > deadline)) return json.total;
    if (Date.now() > deadline) throw new Error(`the calls are answered with ${status}`);
  }
};
