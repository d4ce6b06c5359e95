import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { internalCalls, type RouteId, routes, spaceIdentity } from '@flexistream/contracts';
import { type Answer, type Call, isFailure } from '@flexistream/http';
import { isUnavailable } from '@flexistream/kernel';
import { type Log, traced } from '@flexistream/observability';
import type { AnyService } from '../service.ts';
import type { Identity, IdentityTokens } from './identity.ts';
import { FAILED, type WiredFailure, wiredCall, wiredQuestion } from './wire.ts';

export interface InternalServerOptions {
  /** Undefined: it is not there yet, and whoever asks gets 503. */
  readonly service: () => AnyService | undefined;
  readonly tokens: IdentityTokens;
  readonly log: Log;
  readonly host: string;
  readonly port: number;
  readonly ready: () => boolean;
}

export interface InternalServer {
  readonly port: number;
  /** Answers what it accepted, then closes. */
  close(): Promise<void>;
}

/** Longer than clients keep a connection: a request must not meet its end. */
const KEPT_ALIVE_MS = 60_000;
const MAX_BYTES = 4 * 1024 * 1024;

/** The port on which a service's own process is asked: its routes by the gateway, its internal calls by other services. Never public. */
export const startInternalServer = async (options: InternalServerOptions): Promise<InternalServer> => {
  const server = createServer((request, response) => {
    answer(request, options).then(
      ({ status, body }) => send(response, status, body),
      (error: unknown) => {
        const unavailable = isUnavailable(error);
        options.log[unavailable ? 'warn' : 'error']({ error, path: 'internal' }, 'an internal request failed');
        send(response, unavailable ? 503 : 500, {});
      },
    );
  });
  server.keepAliveTimeout = KEPT_ALIVE_MS;
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, options.host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
};

interface Outcome {
  readonly status: number;
  readonly body: unknown;
}

const answer = async (request: IncomingMessage, options: InternalServerOptions): Promise<Outcome> => {
  const [, kind, name = ''] = (request.url ?? '').split('/');
  if (kind === 'healthz') return { status: 200, body: {} };
  if (kind === 'readyz') return { status: options.ready() ? 200 : 503, body: {} };
  const service = options.service();
  if (service === undefined) return { status: 503, body: {} };
  const identity = await identityOf(request, options.tokens);
  if (identity === undefined) return { status: 401, body: {} };
  const body: unknown = JSON.parse(await textOf(request));
  if (kind === 'internal' && Object.hasOwn(internalCalls, name))
    return answerQuestion(name as keyof typeof internalCalls, body, identity, service);
  if (kind === 'route' && Object.hasOwn(routes, name)) return answerCall(name as RouteId, body, identity, service);
  return { status: 404, body: {} };
};

const identityOf = async (request: IncomingMessage, tokens: IdentityTokens): Promise<Identity | undefined> => {
  const token = request.headers.authorization?.replace(/^Bearer /, '');
  return token === undefined ? undefined : tokens.verify(token).catch(() => undefined);
};

const answerQuestion = async (
  name: keyof typeof internalCalls,
  body: unknown,
  { from }: Identity,
  service: AnyService,
): Promise<Outcome> => {
  const respond = service.answers[name] as ((input: unknown, context: unknown) => Promise<unknown>) | undefined;
  if (respond === undefined) return { status: 404, body: {} };
  const { input, context } = wiredQuestion.parse(body);
  const asked = { ...context, actor: `system:${from}` };
  const output = await traced(name, { parent: context.traceparent, kind: 'server' }, () =>
    respond(internalCalls[name].input.parse(input), asked),
  );
  return { status: 200, body: output };
};

/** Only the gateway hands on callers, and a route that needs one is not served without. */
const answerCall = async (id: RouteId, body: unknown, { from, caller }: Identity, service: AnyService): Promise<Outcome> => {
  const handler = service.handlers[id] as ((call: Call<unknown>) => Promise<Answer>) | undefined;
  if (handler === undefined) return { status: 404, body: {} };
  if (from !== 'gateway' || (caller === undefined && routes[id].access !== 'public')) return { status: 403, body: {} };
  const { hostSpace, userAgent, ...call } = wiredCall.parse(body);
  const space = spaceIdentity.optional().parse(hostSpace ?? undefined);
  try {
    const whole = { ...call, caller, hostSpace: space, userAgent } as Call<unknown>;
    return { status: 200, body: await traced(id, { parent: call.context.traceparent, kind: 'server' }, () => handler(whole)) };
  } catch (error) {
    if (!isFailure(error)) throw error;
    const { status, text, errors, headers } = error;
    const failure = { status, text, errors: errors && [...errors], headers } as WiredFailure;
    return { status: FAILED, body: failure };
  }
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new Error('an internal request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
};

const send = (response: ServerResponse, status: number, body: unknown): void => {
  const bytes = Buffer.from(JSON.stringify(body ?? null));
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': bytes.length });
  response.end(bytes);
};
