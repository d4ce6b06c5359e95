import { setTimeout } from 'node:timers/promises';
import type { Random } from './random.ts';
import { type Actor, expectStatus, SWEEPS_WITHIN_MS, type World } from './world.ts';

/** Makes creation tokens and accounts with them: one account and a used token, or none and a usable one. */
export class TokenActor implements Actor {
  readonly #world: World;
  readonly #random: Random;
  readonly #name: string;
  #count = 0;
  readonly #unused: string[] = [];
  readonly #used: { readonly token: string; readonly id: number }[] = [];
  #unanswered: { readonly token: string; readonly username: string }[] = [];
  /** Whose account is not there: usable again once the sweep has run. */
  readonly #reserved: string[] = [];

  constructor(world: World, random: Random, name: string) {
    this.#world = world;
    this.#random = random;
    this.#name = name;
  }

  async step(): Promise<void> {
    const token = this.#random.next() < 0.6 ? this.#unused.pop() : undefined;
    if (token === undefined) return this.#make();
    await this.#use(token);
  }

  async #make(): Promise<void> {
    const answer = await this.#world.send('POST', '/api/account_creation_tokens');
    if (expectStatus(this.#world, 'a creation token', answer, [201])) this.#unused.push(answer.json.token);
  }

  async #use(token: string): Promise<void> {
    const username = `${this.#name}.${++this.#count}`;
    const unanswered = { token, username };
    this.#unanswered.push(unanswered);
    const answer = await this.#create(token, username);
    this.#unanswered = this.#unanswered.filter((one) => one !== unanswered);
    if (expectStatus(this.#world, 'a creation with an unused token', answer, [200])) this.#used.push({ token, id: answer.json.id });
  }

  #create(token: string, username: string) {
    const body = { username, password: 'of-the-public', algorithm: 'MD5', account_creation_token: token };
    return this.#world.sendPublic('POST', '/api/accounts/with-account-creation-token', body);
  }

  async check(): Promise<void> {
    for (const { token, username } of this.#unanswered) {
      const found = await this.#world.send('GET', `/api/accounts/${username}@${this.#world.domain}/search`);
      if (found.status === 200) this.#used.push({ token, id: found.json.id });
      else this.#reserved.push(token);
    }
    this.#unanswered = [];
    for (const used of this.#random.some(this.#used, 5)) await this.#checkUsed(used);
    const [unused] = this.#random.some(this.#unused, 1);
    if (unused === undefined) return;
    this.#unused.splice(this.#unused.indexOf(unused), 1);
    await this.#use(unused);
  }

  async checkAtTheEnd(): Promise<void> {
    for (const used of this.#used) await this.#checkUsed(used);
    for (const token of this.#unused.splice(0)) await this.#use(token);
    for (const token of this.#reserved) await this.#untilUsable(token);
  }

  async #checkUsed({ token, id }: { token: string; id: number }): Promise<void> {
    expectStatus(this.#world, `account ${id}, made with a token`, await this.#world.send('GET', `/api/accounts/${id}`), [200]);
    const again = await this.#create(token, `${this.#name}.${++this.#count}`);
    expectStatus(this.#world, 'a used token', again, [422]);
  }

  async #untilUsable(token: string): Promise<void> {
    for (const deadline = Date.now() + SWEEPS_WITHIN_MS; ; await setTimeout(250)) {
      const answer = await this.#create(token, `${this.#name}.${++this.#count}`);
      if (answer.status === 200) return;
      if (Date.now() > deadline) return this.#world.fault(`a token made no account and stays unusable: ${answer.status} ${answer.text}`);
    }
  }
}
