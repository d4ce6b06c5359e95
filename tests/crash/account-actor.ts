import { setTimeout } from 'node:timers/promises';
import { authorize, type Credentials, challengeFor, fromOf } from '../digest.ts';
import type { Random } from './random.ts';
import { Uncertain } from './uncertain.ts';
import { type Actor, expectStatus, SWEEPS_WITHIN_MS, type World } from './world.ts';

/** What is compared of an account; null = there is none. */
interface Shape {
  readonly username: string;
  readonly email: string | null;
  readonly activated: boolean;
  readonly display_name: string | null;
  readonly blocked: boolean;
  readonly dictionary: Readonly<Record<string, string>>;
  readonly algorithm: string;
}

interface Life {
  readonly id: number;
  readonly shape: Uncertain<Shape | null>;
  readonly password: Uncertain<string>;
  key: string | undefined;
  /** A new key was asked for, and no answer came. */
  keyInDoubt: boolean;
  formerKey: string | undefined;
}

const ALGORITHM = 'SHA-256';

/** Lives one account after the other: creation, changes, keys, passwords, renaming, deletion. */
export class AccountActor implements Actor {
  readonly #world: World;
  readonly #random: Random;
  readonly #name: string;
  #count = 0;
  #life: Life | undefined;
  readonly #settled: Life[] = [];
  readonly #tombstones: string[] = [];
  #unanswered: { readonly shape: Shape; readonly password: string }[] = [];
  readonly #abandoned: Shape[] = [];
  /** Given up by an acknowledged renaming or deletion: free at once. */
  readonly #freeNames: string[] = [];
  readonly #freeEmails: string[] = [];
  #captured: Record<string, string> | undefined;

  constructor(world: World, random: Random, name: string) {
    this.#world = world;
    this.#random = random;
    this.#name = name;
  }

  async step(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return this.#create();
    const steps = [this.#put, this.#put, this.#rename, this.#block, this.#activate, this.#newKey, this.#newKey, this.#newPassword];
    await this.#random.one([...steps, this.#capture, this.#retire, this.#remove]).call(this, life);
  }

  async #create(): Promise<void> {
    const number = ++this.#count;
    const shape: Shape = {
      username: this.#freeNames.pop() ?? `${this.#name}.${number}`,
      email: this.#freeEmails.pop() ?? `${this.#name}.${number}@example.org`,
      activated: false,
      display_name: null,
      blocked: false,
      dictionary: { number: String(number) },
      algorithm: ALGORITHM,
    };
    const password = `password-${number}`;
    const unanswered = { shape, password };
    this.#unanswered.push(unanswered);
    const answer = await this.#world.send('POST', '/api/accounts', this.#body(shape, password));
    this.#unanswered = this.#unanswered.filter((one) => one !== unanswered);
    if (expectStatus(this.#world, `creation of ${shape.username} with a free name`, answer, [200]))
      this.#begin(answer.json.id, shape, password);
  }

  #begin(id: number, shape: Shape, password: string): void {
    const unknown = { key: undefined, keyInDoubt: false, formerKey: undefined };
    this.#life = { id, shape: new Uncertain<Shape | null>(shape), password: new Uncertain(password), ...unknown };
  }

  #body({ username, email, display_name, dictionary }: Shape, password: string) {
    return { username, email, display_name, dictionary, password, algorithm: ALGORITHM, domain: this.#world.domain };
  }

  async #write(life: Life, next: Shape | null, send: () => Promise<{ status: number; text: string }>): Promise<boolean> {
    life.shape.attempt(next);
    const answer = await send();
    if (answer.status === 200) life.shape.acknowledge();
    else life.shape.refused();
    return expectStatus(this.#world, `a write to account ${life.id}`, answer as never, [200]);
  }

  async #put(life: Life): Promise<void> {
    const present = life.shape.known;
    if (present === null) return;
    const number = ++this.#count;
    const next = { ...present, display_name: `Number ${number}`, dictionary: { put: String(number) } };
    await this.#write(life, next, () => this.#world.send('PUT', `/api/accounts/${life.id}`, this.#body(next, life.password.known)));
  }

  async #rename(life: Life): Promise<void> {
    const present = life.shape.known;
    if (present === null) return;
    const number = ++this.#count;
    const next = { ...present, username: `${this.#name}.${number}r`, email: `${this.#name}.${number}r@example.org` };
    const body = this.#body(next, life.password.known);
    if (!(await this.#write(life, next, () => this.#world.send('PUT', `/api/accounts/${life.id}`, body)))) return;
    this.#freeNames.push(present.username);
    if (present.email !== null) this.#freeEmails.push(present.email);
    life.key = undefined; // another name is another verifier: the key ends with it
    life.formerKey = undefined;
  }

  async #block(life: Life): Promise<void> {
    const present = life.shape.known;
    if (present === null) return;
    const verb = present.blocked ? 'unblock' : 'block';
    const next = { ...present, blocked: !present.blocked };
    await this.#write(life, next, () => this.#world.send('POST', `/api/accounts/${life.id}/${verb}`));
  }

  async #activate(life: Life): Promise<void> {
    const present = life.shape.known;
    if (present === null) return;
    const verb = present.activated ? 'deactivate' : 'activate';
    const next = { ...present, activated: !present.activated };
    await this.#write(life, next, () => this.#world.send('POST', `/api/accounts/${life.id}/${verb}`));
  }

  #credentials(life: Life, password = life.password.known): Credentials {
    return { username: life.shape.known?.username ?? '', domain: this.#world.domain, password };
  }

  async #newKey(life: Life): Promise<void> {
    if (life.shape.known?.blocked !== false) return;
    life.keyInDoubt = true;
    const answer = await this.#world.sendByDigest(this.#credentials(life), '/api/accounts/me/api_key');
    life.keyInDoubt = false;
    if (!expectStatus(this.#world, `a key for account ${life.id}`, answer, [200])) return;
    life.formerKey = life.key;
    life.key = answer.text;
  }

  async #newPassword(life: Life): Promise<void> {
    const present = life.shape.known;
    if (present === null || present.blocked || life.key === undefined) return;
    const password = `password-${++this.#count}`;
    const body = { algorithm: ALGORITHM, password, old_password: life.password.known };
    life.password.attempt(password);
    const next = { ...present, activated: true };
    const { key } = life;
    if (await this.#write(life, next, () => this.#world.send('POST', '/api/accounts/me/password', body, { key })))
      life.password.acknowledge();
    else life.password.refused();
  }

  /** A good DIGEST request, kept by somebody on the way. */
  async #capture(life: Life): Promise<void> {
    if (life.shape.known?.blocked !== false) return;
    const credentials = this.#credentials(life);
    const challenge = await challengeFor(this.#world.server, credentials).catch(() => undefined);
    if (challenge === undefined) return;
    const headers = { from: fromOf(credentials), authorization: authorize(credentials, challenge, { path: '/api/accounts/me' }) };
    const answer = await this.#world.sendPublic('GET', '/api/accounts/me', undefined, headers);
    if (expectStatus(this.#world, `a login of account ${life.id}`, answer, [200])) this.#captured = headers;
  }

  async #retire(life: Life): Promise<void> {
    this.#settled.push(life);
    this.#life = undefined;
  }

  async #remove(life: Life): Promise<void> {
    const present = life.shape.known;
    if (!(await this.#write(life, null, () => this.#world.send('DELETE', `/api/accounts/${life.id}`)))) return;
    this.#life = undefined;
    if (present === null) return;
    this.#tombstones.push(present.username);
    if (present.email !== null) this.#freeEmails.push(present.email);
  }

  async check(): Promise<void> {
    await this.#checkCaptured();
    await this.#settleUnanswered();
    const life = this.#life;
    if (life !== undefined) await this.#checkLife(life);
    for (const one of this.#random.some(this.#settled, 6)) await this.#checkLife(one);
    for (const name of this.#random.some(this.#tombstones, 3)) await this.#checkTaken(name, null);
  }

  async checkAtTheEnd(): Promise<void> {
    for (const life of this.#settled) await this.#checkLife(life);
    for (const name of this.#tombstones) await this.#checkTaken(name, null);
    for (const shape of this.#abandoned) await this.#untilUsable(shape);
  }

  async #checkCaptured(): Promise<void> {
    if (this.#captured === undefined) return;
    const replay = await this.#world.sendPublic('GET', '/api/accounts/me', undefined, this.#captured);
    expectStatus(this.#world, 'a captured DIGEST request after the restart', replay, [401, 404]); // 404: renamed or deleted since
    this.#captured = undefined;
  }

  async #settleUnanswered(): Promise<void> {
    for (const { shape, password } of this.#unanswered) {
      const found = await this.#world.send('GET', `/api/accounts/${shape.username}@${this.#world.domain}/search`);
      if (found.status !== 200) {
        this.#abandoned.push(shape);
        continue;
      }
      this.#begin(found.json.id, shape, password);
    }
    this.#unanswered = [];
  }

  async #checkLife(life: Life): Promise<void> {
    const read = await this.#world.send('GET', `/api/accounts/${life.id}`);
    const before = life.shape.known;
    const seen = read.status === 200 ? shapeOf(read.json) : null;
    const expected = life.shape.possible();
    if (!life.shape.settle(seen)) {
      this.#world.fault(
        `account ${life.id} is ${read.status} ${JSON.stringify(seen)}, not ${expected.map((one) => JSON.stringify(one)).join(' or ')}`,
      );
    }
    if (seen === null) return this.#gone(life, before);
    if (before !== null && before.username !== seen.username) life.key = life.formerKey = undefined;
    await this.#checkPassword(life, seen);
    await this.#checkKeys(life, seen);
    await this.#checkTaken(seen.username, seen.email);
    const search = await this.#world.send('GET', `/api/accounts/${seen.username}@${this.#world.domain}/search`);
    if (search.status !== 200 || search.json.id !== life.id) this.#world.fault(`${seen.username} is not found as account ${life.id}`);
  }

  #gone(life: Life, before: Shape | null): void {
    if (this.#life === life) this.#life = undefined;
    if (before !== null) this.#tombstones.push(before.username);
  }

  async #checkPassword(life: Life, seen: Shape): Promise<void> {
    const good = seen.blocked ? 403 : 200;
    const fitting: string[] = [];
    for (const password of life.password.possible()) {
      const credentials = { username: seen.username, domain: this.#world.domain, password };
      const { status } = await this.#world.sendByDigest(credentials, '/api/accounts/me');
      if (status === good) fitting.push(password);
    }
    const [password] = fitting;
    if (password === undefined || fitting.length > 1) this.#world.fault(`account ${life.id} takes ${fitting.length} passwords, not one`);
    else {
      // Cut off after the password and before the key has followed it: the key ended with the old password.
      if (password !== life.password.known) life.keyInDoubt = true;
      life.password.settle(password);
    }
  }

  async #checkKeys(life: Life, seen: Shape): Promise<void> {
    const { key, formerKey } = life;
    const good = seen.blocked ? 403 : 200;
    if (formerKey !== undefined) {
      const former = await this.#world.send('GET', '/api/accounts/me', undefined, { key: formerKey });
      expectStatus(this.#world, `the former key of account ${life.id}`, former, [401]);
    }
    if (key === undefined) return;
    const answer = await this.#world.send('GET', '/api/accounts/me', undefined, { key });
    expectStatus(this.#world, `the key of account ${life.id}`, answer, life.keyInDoubt ? [good, 401] : [good]);
    if (answer.status === 401) life.key = undefined;
    life.keyInDoubt = false;
  }

  async #checkTaken(username: string, email: string | null): Promise<void> {
    const body = { username, email, password: 'of-nobody', algorithm: ALGORITHM, domain: this.#world.domain };
    const answer = await this.#world.send('POST', '/api/accounts', body);
    const taken = answer.status === 422 ? Object.keys(answer.json.errors) : [];
    const wanted = email === null ? ['username'] : ['username', 'email'];
    if (JSON.stringify(taken) !== JSON.stringify(wanted)) {
      this.#world.fault(`${username} and ${email} can be taken again: ${answer.status} ${answer.text}`);
    }
  }

  /** A claim without its account is released by the sweep. */
  async #untilUsable(shape: Shape): Promise<void> {
    for (const deadline = Date.now() + SWEEPS_WITHIN_MS; ; await setTimeout(250)) {
      const answer = await this.#world.send('POST', '/api/accounts', this.#body(shape, 'after-the-sweep'));
      if (answer.status === 200) return;
      if (Date.now() > deadline)
        return this.#world.fault(`${shape.username} was never created and stays taken: ${answer.status} ${answer.text}`);
    }
  }
}

const shapeOf = ({
  username,
  email,
  activated,
  display_name,
  blocked,
  dictionary,
  passwords,
}: Shape & { passwords: { algorithm: string }[] }): Shape => ({
  username,
  email,
  activated,
  display_name,
  blocked,
  dictionary,
  algorithm: passwords.map(({ algorithm }) => algorithm).join(),
});
