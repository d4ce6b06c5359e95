import { type InternalCallName, internalCalls, type RouteId, routes, type ServiceName } from '@flexistream/contracts';
import { type Answer, type Call, Failure, type Handler, type Text } from '@flexistream/http';
import { isUnavailable, Unavailable } from '@flexistream/kernel';
import { currentTraceparent, traced } from '@flexistream/observability';
import { Agent, request } from 'undici';
import type { AskService } from '../service.ts';
import type { IdentityTokens } from './identity.ts';
import { Instances } from './instances.ts';
import { whileAlive } from './signs-of-life.ts';
import { FAILED, wiredFailure } from './wire.ts';

const CONNECTED_WITHIN_MS = 700;
/** After so long no other instance is tried: the answer is 503 within 2 s (design §7). */
const LAST_ATTEMPT_MS = 1_000;

export interface InternalClientOptions {
  /** Base addresses of each service's instances. */
  readonly addresses: Readonly<Partial<Record<ServiceName, readonly string[]>>>;
  readonly tokens: IdentityTokens;
}

/** Asks services in other processes. A repeat at another instance is the same command, since it carries the command's id. */
export class InternalClient {
  readonly #options: InternalClientOptions;
  readonly #instances: ReadonlyMap<string, Instances>;
  readonly #agent = new Agent({ connect: { timeout: CONNECTED_WITHIN_MS }, connections: 64 });
  /** Of its own: whether an instance is there must be heard while all connections to it wait. */
  readonly #prober = new Agent({ connect: { timeout: CONNECTED_WITHIN_MS }, connections: 1 });

  constructor(options: InternalClientOptions) {
    this.#options = options;
    this.#instances = new Map(Object.entries(options.addresses).map(([service, addresses]) => [service, new Instances(addresses)]));
  }

  readonly ask: AskService = async (name, input, context) => {
    const call = internalCalls[name as InternalCallName];
    const token = await this.#options.tokens.forService(call.service);
    const { body } = await traced(name, { kind: 'client' }, () =>
      this.#post(call.service, `/internal/${name}`, token, { input, context: { ...context, ...traceOf() } }),
    );
    return call.output.parse(body) as never;
  };

  /** A handler for every route of other services: the gateway's way to them. */
  handlers(): Partial<Record<RouteId, Handler<never>>> {
    const remote = (Object.keys(routes) as RouteId[]).filter((id) => this.#options.addresses[routes[id].service] !== undefined);
    return Object.fromEntries(remote.map((id) => [id, (call: Call) => this.#hand(id, call)]));
  }

  async close(): Promise<void> {
    await Promise.all([this.#agent.close(), this.#prober.close()]);
  }

  async #hand(id: RouteId, { caller, ...call }: Call): Promise<Answer> {
    const { service } = routes[id];
    const token = await this.#options.tokens.forCaller(caller, service);
    const { status, body } = await traced(id, { kind: 'client' }, () =>
      this.#post(service, `/route/${id}`, token, { ...call, context: { ...call.context, ...traceOf() } }),
    );
    if (status !== FAILED) return body as Answer;
    const failure = wiredFailure.parse(body);
    throw new Failure(failure.status, failure.text as Text | undefined, {
      ...(failure.errors ? { errors: new Map(failure.errors) as never } : {}),
      ...(failure.headers ? { headers: failure.headers } : {}),
    });
  }

  /** @throws Unavailable when no instance answers. */
  async #post(service: ServiceName, path: string, token: string, content: unknown): Promise<Received> {
    const instances = this.#instances.get(service);
    const sent = { method: 'POST' as const, headers: headersOf(token), body: JSON.stringify(content) };
    const began = performance.now();
    let last: unknown;
    for (const address of instances?.inTurn(began) ?? []) {
      if (performance.now() - began > LAST_ATTEMPT_MS) break;
      try {
        const received = await this.#send(address, path, sent);
        instances?.answered(address);
        return received;
      } catch (error) {
        if (!isUnavailable(error)) throw error;
        instances?.failed(address, performance.now());
        last = error;
      }
    }
    throw new Unavailable(`${service} cannot be reached`, { cause: last });
  }

  /** @throws Unavailable when another instance may do better; Error when none would. */
  async #send(address: string, path: string, sent: Sent): Promise<Received> {
    const { status, text } = await this.#exchange(address, path, sent);
    if (status === 503) throw new Unavailable('it answered 503');
    if (status >= 300) throw new Error(`${path} was answered with ${status}`);
    return { status, body: JSON.parse(text) };
  }

  async #exchange(address: string, path: string, sent: Sent): Promise<{ status: number; text: string }> {
    try {
      return await whileAlive(address, this.#prober, async (signal) => {
        const { statusCode, body } = await request(new URL(path, address), { ...sent, dispatcher: this.#agent, signal });
        return { status: statusCode, text: await body.text() };
      });
    } catch (cause) {
      throw new Unavailable('it did not answer', { cause });
    }
  }
}

interface Sent {
  readonly method: 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

interface Received {
  readonly status: number;
  readonly body: unknown;
}

const headersOf = (token: string) => ({ authorization: `Bearer ${token}`, 'content-type': 'application/json' });

const traceOf = (): { traceparent?: string } => {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? {} : { traceparent };
};
