import { type InternalCallName, internalCalls, type RouteId, routes, type ServiceName } from '@flexistream/contracts';
import { type Answer, type Call, Failure, type Handler, type Text } from '@flexistream/http';
import { Unavailable } from '@flexistream/kernel';
import { currentTraceparent, traced } from '@flexistream/observability';
import { Agent, request } from 'undici';
import type { AskService } from '../service.ts';
import type { IdentityTokens } from './identity.ts';
import { FAILED, wiredFailure } from './wire.ts';

export interface InternalClientOptions {
  /** Base addresses of each service's instances. */
  readonly addresses: Readonly<Partial<Record<ServiceName, readonly string[]>>>;
  readonly tokens: IdentityTokens;
  /** Within which an answer must begin; default 2,000 ms (design §7: 503 within 2 s, never a hang). */
  readonly timeoutMs?: number;
}

/** Asks services in other processes. A repeat at another instance is the same command, since it carries the command's id. */
export class InternalClient {
  readonly #options: InternalClientOptions;
  readonly #agent: Agent;
  #turn = 0;

  constructor(options: InternalClientOptions) {
    this.#options = options;
    const timeout = options.timeoutMs ?? 2_000;
    this.#agent = new Agent({ connect: { timeout }, headersTimeout: timeout, bodyTimeout: timeout, connections: 64 });
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

  close(): Promise<void> {
    return this.#agent.close();
  }

  async #hand(id: RouteId, { caller, ...call }: Call): Promise<Answer> {
    const { service } = routes[id];
    const token = await this.#options.tokens.forCaller(caller, service);
    const wired = { ...call, context: { ...call.context, ...traceOf() } };
    const { status, body } = await this.#post(service, `/route/${id}`, token, wired);
    if (status !== FAILED) return body as Answer;
    const failure = wiredFailure.parse(body);
    throw new Failure(failure.status, failure.text as Text | undefined, {
      ...(failure.errors ? { errors: new Map(failure.errors) as never } : {}),
      ...(failure.headers ? { headers: failure.headers } : {}),
    });
  }

  /** @throws Unavailable when no instance answers. */
  async #post(service: ServiceName, path: string, token: string, content: unknown): Promise<{ status: number; body: unknown }> {
    const instances = this.#options.addresses[service] ?? [];
    let last: unknown;
    for (let attempt = 0; attempt < Math.max(1, instances.length); attempt++) {
      const address = instances[this.#turn++ % Math.max(1, instances.length)];
      if (address === undefined) break;
      try {
        const { statusCode, body } = await request(new URL(path, address), {
          method: 'POST',
          dispatcher: this.#agent,
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify(content),
        });
        const read = await body.json();
        if (statusCode < 300) return { status: statusCode, body: read };
        last = new Error(`${service} answered ${statusCode}`);
      } catch (error) {
        last = error;
      }
    }
    throw new Unavailable(`${service} cannot be reached`, { cause: last });
  }
}

const traceOf = (): { traceparent?: string } => {
  const traceparent = currentTraceparent();
  return traceparent === undefined ? {} : { traceparent };
};
