import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, ask } from '../client.ts';
import { PASSWORD } from '../population.ts';
import { RunningTime } from './running-time.ts';
import type { Split } from './start-split.ts';

interface Sent {
  readonly what: 'account' | 'call';
  readonly name: string;
  /** Undefined: the connection broke, as it does at a gateway that is killed. */
  readonly answer: Answer | undefined;
  readonly ms: number;
}

/** A report takes some milliseconds where nothing is in its way. */
const HELD_MS = 500;
const BETWEEN_MS = 30;
let loads = 0;

/**
 * A light load: accounts by turns at all gateways, and reports of calls as Flexisip sends them, to the last gateway, by a client that never
 * sends anything twice.
 */
export class Load {
  readonly sent: Sent[] = [];
  readonly #split: Split;
  readonly #caller: { readonly username: string; readonly domain: string };
  readonly #run = ++loads;
  readonly #time = new RunningTime();
  readonly #workers: readonly Promise<void>[];
  readonly #underWay = new Map<string, number>();
  #numbers = 0;
  #over = false;

  /** The caller is of all calls that are reported. */
  constructor(split: Split, caller: { readonly username: string; readonly domain: string }) {
    this.#split = split;
    this.#caller = caller;
    this.#workers = [this.#repeat((n) => this.#create(n)), this.#repeat((n) => this.#report(n)), this.#repeat((n) => this.#report(n))];
  }

  /** Resolves when so many more of each kind were acknowledged. @throws when that takes too long */
  async goesOn(more: number, withinMs: number): Promise<void> {
    const before = { account: this.acknowledged('account').length, call: this.acknowledged('call').length };
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(20)) {
      if ((['account', 'call'] as const).every((what) => this.acknowledged(what).length >= before[what] + more)) return;
    }
    const last = this.sent.slice(-5).map(({ what, answer, ms }) => `${what} ${answer?.status ?? 'cut'} ${Math.round(ms)} ms`);
    throw new Error(`the load does not go on: ${last.join(', ')}`);
  }

  /** Resolves when an account was refused, or a report is being held. @throws when that takes too long */
  async feels(what: Sent['what'], withinMs: number): Promise<void> {
    const before = this.failed('account').length;
    for (const deadline = Date.now() + withinMs; Date.now() < deadline; await pause(20)) {
      if (what === 'account' && this.failed('account').length > before) return;
      if (what === 'call' && [...this.#underWay].some(([name, began]) => name.startsWith('load-') && this.#time.now() - began > HELD_MS))
        return;
    }
    throw new Error(`nothing is noticed by ${what}s`);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#workers);
    this.#time.stop();
  }

  acknowledged(what: Sent['what']): readonly (Sent & { readonly answer: Answer })[] {
    return this.sent.filter((one): one is Sent & { readonly answer: Answer } => one.what === what && one.answer?.status === 200);
  }

  /** All but what was done. */
  failed(what: Sent['what']): readonly Sent[] {
    return this.sent.filter((one) => one.what === what && one.answer?.status !== 200);
  }

  async #repeat(work: (n: number) => Promise<void>): Promise<void> {
    while (!this.#over) {
      await work(++this.#numbers);
      await pause(BETWEEN_MS);
    }
  }

  async #create(n: number): Promise<void> {
    const { gateways } = this.#split;
    const username = `load.${this.#run}.${n}`;
    const body = { username, domain: 'sip.localhost', password: PASSWORD, algorithm: 'SHA-256' };
    await this.#send('account', username, gateways[n % gateways.length]?.url ?? '', '/api/accounts', body);
  }

  async #report(n: number): Promise<void> {
    const id = `load-${this.#run}-${n}`;
    const from = `${this.#caller.username}@${this.#caller.domain}`;
    const body = { id, from, to: 'somebody@sip.elsewhere.org', initiated_at: new Date().toISOString() };
    await this.#send('call', id, this.#split.gateways.at(-1)?.url ?? '', '/api/statistics/calls', body);
  }

  async #send(what: Sent['what'], name: string, url: string, path: string, body: object): Promise<void> {
    const began = this.#time.now();
    this.#underWay.set(name, began);
    const answer = await ask({ url }, path, { method: 'POST', key: this.#split.adminKey, body }).catch(() => undefined);
    this.#underWay.delete(name);
    this.sent.push({ what, name, answer, ms: this.#time.now() - began });
  }
}
