import type { Random } from './random.ts';
import { Uncertain } from './uncertain.ts';
import { type Actor, expectStatus, type World } from './world.ts';

/** What is compared of a space; null = there is none. */
type Shape = { readonly text: string | null; readonly limit: number; readonly mail: string | null } | null;

/** Makes, changes and deletes spaces, one after the other, now and then under the same domain again. */
export class SpaceActor implements Actor {
  readonly #world: World;
  readonly #random: Random;
  readonly #name: string;
  readonly #spaces = new Map<string, Uncertain<Shape>>();
  #count = 0;

  constructor(world: World, random: Random, name: string) {
    this.#world = world;
    this.#random = random;
    this.#name = name;
  }

  async step(): Promise<void> {
    const [known] = this.#random.some([...this.#spaces].slice(-3), 1);
    if (known === undefined || this.#random.next() < 0.15) return this.#create(`${this.#name}${this.#random.between(1, 20)}.crash.org`);
    const [domain, space] = known;
    if (space.known === null) return this.#create(domain);
    const choice = this.#random.next();
    if (choice < 0.5) return this.#put(domain, space);
    if (choice < 0.85) return this.#mail(domain, space);
    return this.#remove(domain, space);
  }

  async #write(space: Uncertain<Shape>, next: Shape, status: readonly number[], send: () => Promise<{ status: number; text: string }>) {
    space.attempt(next);
    const answer = await send();
    if (expectStatus(this.#world, 'a write to a space', answer as never, status)) space.acknowledge();
    else space.refused();
  }

  async #create(domain: string): Promise<void> {
    const space = this.#spaces.get(domain) ?? new Uncertain<Shape>(null);
    if (space.known !== null) return;
    this.#spaces.delete(domain);
    this.#spaces.set(domain, space); // the newest last
    const body = { name: domain, domain, max_accounts: 3 };
    await this.#write(space, { text: null, limit: 3, mail: null }, [201], () => this.#world.send('POST', '/api/spaces', body));
  }

  async #put(domain: string, space: Uncertain<Shape>): Promise<void> {
    if (space.known === null) return;
    const whole = (await this.#world.send('GET', `/api/spaces/${domain}`)).json;
    const next = { ...space.known, text: `Text ${++this.#count}`, limit: this.#random.between(0, 9) };
    const body = { ...whole, copyright_text: next.text, max_accounts: next.limit };
    await this.#write(space, next, [200], () => this.#world.send('PUT', `/api/spaces/${domain}`, body));
  }

  async #mail(domain: string, space: Uncertain<Shape>): Promise<void> {
    const present = space.known;
    if (present === null) return;
    const path = `/api/spaces/${domain}/email`;
    if (present.mail !== null && this.#random.next() < 0.3) {
      return this.#write(space, { ...present, mail: null }, [200], () => this.#world.send('DELETE', path));
    }
    const username = `mailer-${++this.#count}`;
    const body = { host: 'smtp.crash.org', port: 25, username, password: 'of-a-mailer' };
    await this.#write(space, { ...present, mail: username }, [200, 201], () => this.#world.send('POST', path, body));
  }

  #remove(domain: string, space: Uncertain<Shape>): Promise<void> {
    return this.#write(space, null, [200], () => this.#world.send('DELETE', `/api/spaces/${domain}`));
  }

  async check(): Promise<void> {
    const listed = await this.#world.send('GET', '/api/spaces');
    if (!expectStatus(this.#world, 'the list of spaces', listed, [200])) return;
    const domains = new Set((listed.json as { domain: string }[]).map(({ domain }) => domain));
    for (const [domain, space] of this.#spaces) {
      const read = await this.#world.send('GET', `/api/spaces/${domain}`);
      const seen = read.status === 200 ? shapeOf(read.json) : null;
      const expected = JSON.stringify(space.possible());
      if (!space.settle(seen)) this.#world.fault(`space ${domain} is ${JSON.stringify(seen)}, not one of ${expected}`);
      if (domains.has(domain) !== (seen !== null)) this.#world.fault(`space ${domain} is listed or read, not both`);
    }
  }

  /** None of its domains is reserved for good. */
  async checkAtTheEnd(): Promise<void> {
    await this.check();
    for (const [domain, space] of this.#spaces) if (space.known === null) await this.#create(domain);
  }
}

const shapeOf = (json: { copyright_text: string | null; max_accounts: number; email_server: { username: string } | null }): Shape => ({
  text: json.copyright_text,
  limit: json.max_accounts,
  mail: json.email_server?.username ?? null,
});
