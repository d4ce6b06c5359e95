import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';

/** What came back, wholly read. */
export interface Reply {
  readonly status: number;
  readonly body: string;
}

/** Since the last frame of a stream; then Flexisip gives the request up. */
const PATIENCE_MS = 30_000;

/**
 * How a Flexisip server talks to the API (spec statistics.md §11.2): HTTP/2 over TLS with ALPN `h2` alone, any certificate, one long connection for
 * everything, these headers and no other. A GOAWAY fails at once whatever is under way; the next request connects again.
 */
export class FlexisipConnection {
  readonly #origin: URL;
  readonly #key: string;
  #session: ClientHttp2Session | undefined;
  #connections = 0;

  constructor(url: string, key: string) {
    this.#origin = new URL(url);
    if (this.#origin.protocol !== 'https:')
      throw new Error('a Flexisip server speaks HTTP/2 over TLS only: the address must begin with https://');
    this.#key = key;
  }

  /** How often it had to connect; one is what it should be. */
  get connections(): number {
    return this.#connections;
  }

  /** `path` goes out as it is, raw `"<urn:uuid:…>"` and all. Rejects when no complete answer comes: a Flexisip server has lost the report then. */
  send(method: string, path: string, body?: object): Promise<Reply> {
    const content = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const stream = this.#connected().request({
      ':method': method,
      ':scheme': 'https',
      ':authority': this.#origin.host,
      ':path': path,
      accept: 'application/json',
      'x-api-key': this.#key,
      ...(content === undefined ? {} : { 'content-type': 'application/json', 'content-length': content.length }),
    });
    stream.end(content);
    return answerOf(stream);
  }

  close(): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    if (this.#session !== undefined && !this.#session.destroyed && !this.#session.closed) return this.#session;
    const session = connect(this.#origin, { ALPNProtocols: ['h2'], rejectUnauthorized: false });
    session.on('goaway', () => session.destroy());
    session.on('error', () => session.destroy()); // each request under way tells it
    this.#session = session;
    this.#connections++;
    return session;
  }
}

const answerOf = async (stream: ClientHttp2Stream): Promise<Reply> => {
  stream.setTimeout(PATIENCE_MS, () => stream.close(constants.NGHTTP2_CANCEL));
  let status: number | undefined;
  let whole = false;
  stream.once('response', (headers) => {
    status = headers[':status'];
  });
  stream.once('end', () => {
    whole = true;
  });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  if (status === undefined || !whole || stream.rstCode !== constants.NGHTTP2_NO_ERROR)
    throw new Error('the connection ended before the answer');
  return { status, body: Buffer.concat(chunks).toString() };
};
