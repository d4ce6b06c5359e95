import { createServer, type Server as HttpServer } from 'node:http';
import { createSecureServer, type Http2SecureServer, type ServerHttp2Session } from 'node:http2';
import { type AddressInfo, Server, type Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { announcesTooMuch } from '../request/body.ts';
import type { Incoming, Outgoing } from '../request/incoming.ts';
import type { Certificate } from './certificate.ts';
import { answerUnreadable } from './client-error.ts';
import { Connections } from './connections.ts';
import { expressListener, type Listener } from './express-apps.ts';

export interface DoorsOptions {
  readonly host: string;
  readonly port: number;
  /** Undefined = no TLS. */
  readonly tls: (Certificate & { readonly port: number }) | undefined;
  readonly maxBodyBytes: number;
  readonly requestTimeoutMs: number;
  readonly answer: (request: Incoming, response: Outgoing, options: { last: () => boolean }) => Promise<void>;
  readonly onError: (error: unknown) => void;
}

export interface Opened {
  readonly http: AddressInfo;
  readonly https: AddressInfo | undefined;
}

/** Longer than proxies keep an idle connection: it is theirs to end it, or requests get lost in between. */
const KEEP_ALIVE_MS = 75_000;
const MAX_HEADER_BYTES = 16_384;

/** HTTP/1.1 in plain, and HTTP/1.1 or HTTP/2 by ALPN over TLS (design §7). */
export class Doors {
  readonly listener: Listener;
  readonly #options: DoorsOptions;
  readonly #connections = new Connections();
  readonly #sockets = new Set<Socket>();
  #plain: HttpServer | undefined;
  #secure: Http2SecureServer | undefined;

  constructor(options: DoorsOptions) {
    this.#options = options;
    const last = () => this.#connections.closing;
    this.listener = expressListener((request, response) => {
      this.#connections.begin(request, response);
      options.answer(request, response, { last }).catch((error: unknown) => {
        options.onError(error);
        response.destroy();
      });
    });
  }

  get openRequests(): number {
    return this.#connections.openRequests;
  }

  async open(): Promise<Opened> {
    const { host, port, tls } = this.#options;
    this.#plain = this.#openPlain();
    const http = await listening(this.#plain, host, port);
    if (tls === undefined) return { http, https: undefined };
    this.#secure = this.#openSecure(tls);
    return { http, https: await listening(this.#secure, host, tls.port) };
  }

  /** Accepts nothing more, answers what is open, ends each connection when nothing is open on it. */
  async close(limitMs: number): Promise<void> {
    const stopped = [this.#plain, this.#secure].map(stopAccepting);
    await this.#connections.end(limitMs);
    for (const socket of this.#sockets) socket.destroy(); // handshakes that never ended
    await Promise.all(stopped);
  }

  #http1Options() {
    const { requestTimeoutMs } = this.#options;
    return {
      maxHeaderSize: MAX_HEADER_BYTES,
      requestTimeout: requestTimeoutMs,
      headersTimeout: Math.min(requestTimeoutMs, 15_000),
      connectionsCheckingInterval: Math.min(requestTimeoutMs, 5000),
      keepAliveTimeout: KEEP_ALIVE_MS,
      requireHostHeader: false, // answered by us, as any malformed host
    };
  }

  #openPlain(): HttpServer {
    const server = createServer(this.#http1Options(), this.listener);
    server.on('connection', (socket) => this.#track(socket));
    server.on('checkContinue', this.#continue).on('clientError', answerUnreadable);
    return this.#watch(server);
  }

  /** One long connection carries all that Flexisip sends: many streams, much memory, no limit of requests or age (spec statistics.md §12). */
  #openSecure({ cert, key }: Certificate): Http2SecureServer {
    const http1Options = this.#http1Options();
    const options = {
      allowHTTP1: true,
      cert,
      key,
      minVersion: 'TLSv1.2' as const,
      settings: { maxConcurrentStreams: 4096, maxHeaderListSize: MAX_HEADER_BYTES },
      maxSessionMemory: 1024,
      ...http1Options,
      http1Options,
    };
    const server = createSecureServer(options, this.listener as never);
    server.on('secureConnection', (socket: TLSSocket) => {
      if (socket.alpnProtocol !== 'h2') this.#track(socket);
    });
    server.on('session', (session) => this.#trackSession(session));
    server.on('checkContinue', this.#continue as never).on('clientError', answerUnreadable);
    server.on('sessionError', () => undefined);
    return this.#watch(server);
  }

  /** Every socket, also those whose handshake goes on. */
  #watch<S extends Server>(server: S): S {
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    return server;
  }

  #track(socket: Socket): void {
    // Answers while closing say `Connection: close`, so node ends those itself; here only the idle ones are left.
    this.#connections.add(socket, { end: () => socket.destroySoon(), hurry: () => undefined, destroy: () => socket.destroy() });
    socket.once('close', () => this.#connections.remove(socket));
  }

  #trackSession(session: ServerHttp2Session): void {
    this.#connections.add(session, { end: () => session.close(), hurry: () => session.close(), destroy: () => session.destroy() });
    session.once('close', () => this.#connections.remove(session));
    session.on('error', () => session.destroy());
  }

  /** A client that asks first is not told to send what would be refused. */
  #continue = (request: Incoming, response: Outgoing): void => {
    if (!announcesTooMuch(request, this.#options.maxBodyBytes)) response.writeContinue();
    this.listener(request, response);
  };
}

const listening = async (server: Server, host: string, port: number): Promise<AddressInfo> => {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, host, resolve);
  await promise;
  server.off('error', reject);
  return server.address() as AddressInfo;
};

/** node's own `close` of an HTTP/2 server sends GOAWAY to all at once: this one only stops listening. */
const stopAccepting = (server: Server | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (server?.listening !== true) return resolve();
    Server.prototype.close.call(server, () => resolve());
  });
