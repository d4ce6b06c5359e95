import { createSecretKey } from 'node:crypto';
import { connect } from 'node:net';
import { type Caller, type RouteId, routes } from '@flexistream/contracts';
import type { Answer, Call, Handler } from '@flexistream/http';
import { fixedClock } from '@flexistream/kernel';
import { type Log, silentLog } from '@flexistream/observability';
import { readSettings } from '@flexistream/service-host';
import { Agent, request as ask } from 'undici';
import type { Opened } from '../doors/doors.ts';
import { type GatewayDoors, gatewayDoors } from '../gateway-doors.ts';
import type { Readiness } from '../health.ts';
import { gatewaySettings } from '../settings.ts';
import { Backend } from './backend.ts';
import { MemoryEphemeral } from './memory-ephemeral.ts';

export type AnyCall = Call<Caller | undefined>;
type AnyHandler = (call: AnyCall) => Promise<Answer>;

export interface GatewayUnderTest extends AsyncDisposable {
  readonly backend: Backend;
  readonly ephemeral: MemoryEphemeral;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly doors: GatewayDoors;
  readonly opened: Opened;
  /** What handlers were called with, newest last. */
  readonly calls: AnyCall[];
  send(target: string, options?: SendOptions): Promise<Received>;
}

export interface SendOptions {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

export interface Received {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
  /** `message` of a JSON body. */
  readonly message: string | undefined;
}

/** A gateway on a free port, before a backend in memory; every row of the catalogue answers 200 with the row's name. */
export const openGateway = async (
  options: {
    settings?: Record<string, string>;
    handlers?: Partial<Record<RouteId, AnyHandler>>;
    log?: Log;
    tls?: boolean;
    dataDir?: string;
    ready?: () => Readiness;
  } = {},
): Promise<GatewayUnderTest> => {
  const backend = new Backend();
  const clock = fixedClock();
  const ephemeral = new MemoryEphemeral(clock);
  const calls: AnyCall[] = [];
  const doors = await gatewayDoors({
    ask: backend.ask,
    handlers: handlersOf(calls, options.handlers ?? {}),
    ephemeral,
    clock,
    settings: readSettings(gatewaySettings, { PORT: '0', TLS_PORT: '0', ...options.settings }),
    log: options.log ?? silentLog(),
    key: createSecretKey(Buffer.alloc(32, 7)),
    ready: options.ready ?? (() => ({ ready: true })),
    ...(options.tls ? { tlsPort: 0 } : {}),
    ...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
  });
  const opened = await doors.listen();
  const agent = new Agent({ connections: 50 });
  const origin = `http://127.0.0.1:${opened.http.port}`;
  return {
    backend,
    ephemeral,
    clock,
    doors,
    opened,
    calls,
    send: (target, sent = {}) => send(agent, origin, target, sent),
    [Symbol.asyncDispose]: async () => {
      await agent.destroy();
      await doors.close();
    },
  };
};

const handlersOf = (calls: AnyCall[], given: Partial<Record<RouteId, AnyHandler>>) => {
  const named = (id: RouteId): AnyHandler => given[id] ?? (async () => ({ status: 200, json: { route: id } }));
  const entries = (Object.keys(routes) as RouteId[])
    .filter((id) => id !== 'ping')
    .map((id) => {
      const recording: AnyHandler = async (call) => {
        calls.push(call);
        return named(id)(call);
      };
      return [id, recording as Handler<never>];
    });
  return Object.fromEntries(entries) as Partial<Record<RouteId, Handler<never>>>;
};

const send = async (agent: Agent, origin: string, path: string, { method = 'GET', headers = {}, body }: SendOptions): Promise<Received> => {
  const answer = await ask(origin + path, { dispatcher: agent, method: method as 'GET', headers, body: body ?? null });
  const text = await answer.body.text();
  return { status: answer.statusCode, headers: answer.headers, text, message: messageOf(text) };
};

export const messageOf = (text: string): string | undefined => {
  try {
    return (JSON.parse(text) as { message?: string } | null)?.message;
  } catch {
    return undefined;
  }
};

/** Sends raw bytes over plain HTTP/1.1; answers what came until it held the given text, or the connection ended. */
export const raw = async ({ opened }: GatewayUnderTest, text: string, until = '}'): Promise<string> => {
  const socket = connect(opened.http.port, '127.0.0.1');
  socket.on('error', () => undefined).write(text);
  let got = '';
  for await (const chunk of socket) {
    got += String(chunk);
    if (got.includes(until)) break;
  }
  socket.destroy();
  return got;
};
