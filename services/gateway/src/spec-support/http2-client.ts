import { type ClientHttp2Session, type ClientHttp2Stream, connect, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import type { GatewayUnderTest } from './open-gateway.ts';

export interface Http2Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One connection, as Flexisip holds it. */
export class Http2Client {
  readonly session: ClientHttp2Session;
  readonly #authority: string;
  goaways = 0;

  constructor({ opened }: GatewayUnderTest, authority: string) {
    if (opened.https === undefined) throw new Error('TLS is off');
    this.session = connect(`https://127.0.0.1:${opened.https.port}`, { rejectUnauthorized: false });
    this.session.on('goaway', () => this.goaways++).on('error', () => undefined);
    this.#authority = authority;
  }

  open(headers: OutgoingHttpHeaders, body?: string): ClientHttp2Stream {
    const stream = this.session.request(
      { ':authority': this.#authority, ':scheme': 'https', ...headers },
      { endStream: body === undefined },
    );
    if (body !== undefined) stream.end(body);
    return stream;
  }

  send(headers: OutgoingHttpHeaders, body?: string): Promise<Http2Answer> {
    return answerOf(this.open(headers, body));
  }

  get closed(): Promise<void> {
    return new Promise((resolve) => (this.session.closed ? resolve() : this.session.once('close', resolve)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.session.destroy();
    await this.closed;
  }
}

/** Rejects when the stream ends without a whole answer. An answer may end before its request did. */
export const answerOf = (stream: ClientHttp2Stream): Promise<Http2Answer> =>
  new Promise((resolve, reject) => {
    let headers: IncomingHttpHeaders & { ':status'?: number | undefined } = {};
    let text = '';
    stream.setEncoding('utf8');
    stream.on('response', (got) => {
      headers = got;
    });
    stream.on('data', (chunk: string) => {
      text += chunk;
    });
    const isWhole = () => headers['content-length'] === undefined || Number(headers['content-length']) === Buffer.byteLength(text);
    stream.on('error', reject);
    stream.on('end', () => {
      const status = headers[':status'];
      if (status !== undefined && isWhole()) resolve({ status, headers, text });
      else reject(new Error(`the stream ended with code ${stream.rstCode} and no whole answer`));
    });
    stream.on('close', () => reject(new Error(`the stream was closed with code ${stream.rstCode}`)));
  });
