import type { Random } from './random.ts';
import { type Actor, expectStatus, type World } from './world.ts';

/** `sent` may be there, `told` must be. */
interface Fact {
  readonly value: string;
  told: boolean;
}

interface Call {
  readonly announced: Fact;
  readonly rang: Map<string, Fact>;
  readonly ended: Map<string, Fact>;
}

interface ListedCall {
  readonly id: string;
  readonly ended_at: string | null;
  readonly devices: readonly { readonly device_id: string; readonly rang_at: string | null }[];
}

const moment = (second: number): string => new Date(Date.UTC(2026, 2, 12) + second * 1000).toISOString().replace('.000Z', 'Z');
const shown = (text: string): string => text.replace('Z', '.000000Z');

/** Reports calls and messages as Flexisip does, and reads the calls back. */
export class CallActor implements Actor {
  readonly #world: World;
  readonly #random: Random;
  readonly #name: string;
  readonly #calls = new Map<string, Call>();
  readonly #messages = new Map<string, Fact>();
  readonly #messageDevices = new Map<string, string>();
  #account: number | undefined;
  #count = 0;

  constructor(world: World, random: Random, name: string) {
    this.#world = world;
    this.#random = random;
    this.#name = name;
  }

  async step(): Promise<void> {
    const [open] = this.#random.some([...this.#calls].slice(-5), 1);
    const choice = this.#random.next();
    if (this.#account === undefined) return this.#begin();
    if (open === undefined || choice < 0.35) return this.#announce();
    if (choice < 0.6) return this.#ring(...open);
    if (choice < 0.75) return this.#end(...open);
    return this.#message();
  }

  get #address(): string {
    return `${this.#name}@${this.#world.domain}`;
  }

  async #begin(): Promise<void> {
    const path = `/api/accounts/${this.#address}/search`;
    const found = await this.#world.send('GET', path);
    if (found.status === 200) this.#account = found.json.id;
    else {
      const body = { username: this.#name, password: 'of-a-caller', algorithm: 'MD5', domain: this.#world.domain };
      const made = await this.#world.send('POST', '/api/accounts', body);
      // Cut off before, its name may wait for the sweep: another one then.
      if (made.status === 200) this.#account = made.json.id;
    }
  }

  async #announce(): Promise<void> {
    const number = ++this.#count;
    const id = `${this.#name}-${number}`;
    const announced: Fact = { value: moment(number), told: false };
    this.#calls.set(id, { announced, rang: new Map(), ended: new Map() });
    const body = { id, from: this.#address, to: 'other@sip.elsewhere.org', initiated_at: announced.value };
    const answer = await this.#world.send('POST', '/api/statistics/calls', body);
    announced.told = expectStatus(this.#world, 'a new call', answer, [200]);
  }

  async #ring(id: string, { rang }: Call): Promise<void> {
    const device = `device-${this.#random.between(1, 3)}`;
    if (rang.has(device)) return;
    const fact: Fact = { value: moment(++this.#count), told: false };
    rang.set(device, fact);
    const answer = await this.#world.send('PATCH', `/api/stats/calls/${id}/devices/${device}`, { rang_at: fact.value });
    fact.told = expectStatus(this.#world, 'a device rings', answer, [200, 201]);
  }

  async #end(id: string, { announced, ended }: Call): Promise<void> {
    if (ended.size > 0 || !announced.told) return;
    const fact: Fact = { value: moment(++this.#count), told: false };
    ended.set('', fact);
    const answer = await this.#world.send('PATCH', `/api/statistics/calls/${id}`, { ended_at: fact.value });
    fact.told = expectStatus(this.#world, 'a call ends', answer, [200]);
  }

  async #message(): Promise<void> {
    const number = ++this.#count;
    const id = `${this.#name}-m${number}`;
    const fact: Fact = { value: moment(number), told: false };
    this.#messages.set(id, fact);
    const made = await this.#world.send('POST', '/api/statistics/messages', this.#messageBody(id, fact));
    fact.told = expectStatus(this.#world, 'a new message', made, [200]);
    const path = `/api/statistics/messages/${id}/to/other@sip.elsewhere.org/devices/device-1`;
    const device = await this.#world.send('PATCH', path, this.#delivery(number));
    if (expectStatus(this.#world, 'a message is delivered', device, [201])) this.#messageDevices.set(path, device.json.id);
  }

  #messageBody = (id: string, { value }: Fact) => ({ id, from: this.#address, sent_at: value, encrypted: false });
  #delivery = (second: number) => ({ last_status: 200, received_at: moment(second) });

  async check(): Promise<void> {
    await this.#checkCalls();
    await this.#checkMessages();
  }

  checkAtTheEnd(): Promise<void> {
    return this.#checkCalls();
  }

  async #checkCalls(): Promise<void> {
    if (this.#account === undefined) return;
    const listed = await this.#listed(this.#account);
    for (const [id, call] of this.#calls) {
      const there = listed.get(id);
      if (there === undefined) {
        if (call.announced.told) this.#world.fault(`call ${id} was acknowledged and is lost`);
        continue;
      }
      call.announced.told = true;
      const devices = new Map(there.devices.map(({ device_id, rang_at }) => [device_id, rang_at]));
      for (const [device, fact] of call.rang) this.#compare(`${id} ${device}`, fact, devices.get(device));
      for (const fact of call.ended.values()) this.#compare(`the end of ${id}`, fact, there.ended_at);
    }
    for (const id of listed.keys()) if (!this.#calls.has(id)) this.#world.fault(`call ${id} was never sent`);
  }

  #compare(what: string, fact: Fact, there: string | null | undefined): void {
    if (there === undefined || there === null) {
      if (fact.told) this.#world.fault(`${what} was acknowledged and is lost`);
    } else if (there !== shown(fact.value)) this.#world.fault(`${what} is ${there}, not ${fact.value}`);
    else fact.told = true;
  }

  async #listed(account: number): Promise<Map<string, ListedCall>> {
    const found = new Map<string, ListedCall>();
    for (let page = 1, last = 1; page <= last; page++) {
      const answer = await this.#world.send('GET', `/api/accounts/${account}/statistics/calls?page=${page}`);
      if (!expectStatus(this.#world, `the calls of account ${account}`, answer, [200])) break;
      const { json } = answer;
      for (const call of json.data as ListedCall[]) found.set(call.id, call);
      last = json.last_page;
    }
    return found;
  }

  /** Messages cannot be read: a repeat shows that they are there. */
  async #checkMessages(): Promise<void> {
    for (const [id, fact] of this.#messages) {
      if (!fact.told) continue;
      const again = await this.#world.send('POST', '/api/statistics/messages', this.#messageBody(id, fact));
      expectStatus(this.#world, `message ${id} again`, again, [400]);
    }
    for (const [path, device] of this.#messageDevices) {
      const again = await this.#world.send('PATCH', path, this.#delivery(1));
      if (again.status !== 200 || again.json.id !== device) this.#world.fault(`a delivered message is lost: ${again.status} ${again.text}`);
    }
    this.#messages.clear();
    this.#messageDevices.clear();
  }
}
