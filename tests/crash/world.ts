import { type Answer, ask, type Question } from '../client.ts';
import { askByDigest, type Credentials } from '../digest.ts';
import type { ServerProcess } from '../server-process.ts';

/** The answer did not arrive whole: what was asked for may have happened or not. */
export class Cut extends Error {
  readonly code = 'crash/cut';
}

export const isCut = (error: unknown): error is Cut => error instanceof Error && 'code' in error && error.code === 'crash/cut';

/** Two rounds of the slowest sweep, and then some. */
export const SWEEPS_WITHIN_MS = 75_000;

/** Who works on the platform, and remembers what it was told. */
export interface Actor {
  /** One random operation. @throws Cut */
  step(): Promise<void>;
  /** After a restart: is everything there that was acknowledged? What is not, is a fault; what was in doubt, is settled. */
  check(): Promise<void>;
  /** At the very end, when the sweeps have run: nothing is orphaned. */
  checkAtTheEnd(): Promise<void>;
}

/** The platform as its clients see it over several lives of the process. */
export class World {
  readonly domain = 'sip.crash.org';
  readonly faults: string[] = [];
  acknowledged = 0;
  #server: ServerProcess | undefined;
  #crashing = false;

  get server(): ServerProcess {
    if (this.#server === undefined) throw new Error('nobody serves');
    return this.#server;
  }

  serves(server: ServerProcess): void {
    this.#server = server;
    this.#crashing = false;
  }

  async crash(): Promise<void> {
    this.#crashing = true;
    await this.server.kill();
  }

  get crashing(): boolean {
    return this.#crashing;
  }

  fault(text: string): void {
    this.faults.push(text);
  }

  /** By an admin unless told otherwise. @throws Cut */
  async send(method: string, path: string, body?: unknown, { key = this.server.adminKey, ...question }: Question = {}): Promise<Answer> {
    return this.#whole(`${method} ${path}`, () => ask(this.server, path, { method, body, key, ...question }));
  }

  async sendByDigest(credentials: Credentials, path: string, question: Question = {}): Promise<Answer> {
    return this.#whole(`DIGEST ${path}`, () => askByDigest(this.server, credentials, path, question));
  }

  /** Without credentials, on the space's host. */
  async sendPublic(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.#whole(`${method} ${path}`, () => ask(this.server, path, { method, body, host: this.domain, headers }));
  }

  async #whole(what: string, asking: () => Promise<Answer>): Promise<Answer> {
    let answer: Answer;
    try {
      answer = await asking();
    } catch (error) {
      if (!this.#crashing) this.fault(`${what} was not answered: ${String(error)}`);
      throw new Cut('no whole answer', { cause: error });
    }
    if (answer.status >= 500) {
      this.fault(`${what} was answered with ${answer.status} ${answer.text}`);
      throw new Cut('failed');
    }
    this.acknowledged++;
    return answer;
  }
}

export const expectStatus = (world: World, what: string, answer: Answer, statuses: readonly number[]): boolean => {
  if (statuses.includes(answer.status)) return true;
  world.fault(`${what}: ${answer.status} ${answer.text}, not ${statuses.join(' or ')}`);
  return false;
};
