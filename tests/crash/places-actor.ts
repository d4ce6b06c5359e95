import { setTimeout } from 'node:timers/promises';
import type { Random } from './random.ts';
import { type Actor, expectStatus, SWEEPS_WITHIN_MS, type World } from './world.ts';

const LIMIT = 4;

/** Fills and empties a space of few places: never one more than it has, and in the end none is taken by nobody. */
export class PlacesActor implements Actor {
  readonly #world: World;
  readonly #random: Random;
  readonly #domain: string;
  readonly #accounts = new Set<number>();
  /** Deletions without an answer. */
  readonly #doubtful = new Set<number>();
  #unanswered: string | undefined;
  #isMade = false;
  #count = 0;

  constructor(world: World, random: Random, name: string) {
    this.#world = world;
    this.#random = random;
    this.#domain = `${name}.crash.org`;
  }

  async step(): Promise<void> {
    if (!this.#isMade) return this.#make();
    const [account] = this.#random.some([...this.#accounts], 1);
    if (account !== undefined && (this.#accounts.size === LIMIT || this.#random.next() < 0.4)) return this.#remove(account);
    const answer = await this.#create();
    // A crash may have left a place that the sweep has not freed yet.
    if (answer.status !== 200) expectStatus(this.#world, 'an account in a space of few places', answer, [403]);
  }

  async #make(): Promise<void> {
    const body = { name: this.#domain, domain: this.#domain, max_accounts: LIMIT };
    const made = await this.#world.send('POST', '/api/spaces', body);
    this.#isMade = expectStatus(this.#world, `space ${this.#domain}`, made, [201, 422]); // 422: made before, without an answer
  }

  async #create() {
    const username = `tenant.${++this.#count}`;
    this.#unanswered = username;
    const body = { username, domain: this.#domain, password: 'of-a-tenant', algorithm: 'MD5' };
    const answer = await this.#world.send('POST', '/api/accounts', body);
    this.#unanswered = undefined;
    if (answer.status === 200) this.#accounts.add(answer.json.id);
    if (this.#accounts.size > LIMIT) this.#world.fault(`${this.#domain} has more than its ${LIMIT} accounts: ${[...this.#accounts]}`);
    return answer;
  }

  async #remove(account: number): Promise<void> {
    this.#accounts.delete(account);
    this.#doubtful.add(account);
    const answer = await this.#world.send('DELETE', `/api/accounts/${account}`);
    if (expectStatus(this.#world, `deletion of account ${account}`, answer, [200])) this.#doubtful.delete(account);
  }

  async check(): Promise<void> {
    if (this.#unanswered !== undefined) {
      const found = await this.#world.send('GET', `/api/accounts/${this.#unanswered}@${this.#domain}/search`);
      if (found.status === 200) this.#accounts.add(found.json.id);
      this.#unanswered = undefined;
    }
    for (const account of this.#doubtful) {
      const { status } = await this.#world.send('GET', `/api/accounts/${account}`);
      if (status === 200) this.#accounts.add(account);
      this.#doubtful.delete(account);
    }
    for (const account of this.#accounts) {
      expectStatus(this.#world, `account ${account} of ${this.#domain}`, await this.#world.send('GET', `/api/accounts/${account}`), [200]);
    }
    if (this.#accounts.size > LIMIT) this.#world.fault(`${this.#domain} has more than its ${LIMIT} accounts: ${[...this.#accounts]}`);
  }

  async checkAtTheEnd(): Promise<void> {
    if (!this.#isMade) return;
    for (const deadline = Date.now() + SWEEPS_WITHIN_MS; this.#accounts.size < LIMIT; await setTimeout(250)) {
      await this.#create();
      if (Date.now() > deadline) return this.#world.fault(`${LIMIT - this.#accounts.size} places of ${this.#domain} are taken by nobody`);
    }
    expectStatus(this.#world, 'one account more than there are places', await this.#create(), [403]);
  }
}
