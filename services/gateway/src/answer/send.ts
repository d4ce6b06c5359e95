import { Buffer } from 'node:buffer';
import { constants } from 'node:http2';
import type { Answer } from '@flexistream/http';
import { http2Stream, type Incoming, type Outgoing } from '../request/incoming.ts';

/** What the gateway itself adds to an answer. */
export interface Envelope {
  readonly requestId: string;
  readonly limit: Readonly<Record<string, string>> | undefined;
  /** `WWW-Authenticate` lines of a DIGEST login; on whatever answer. */
  readonly challenge: readonly string[] | undefined;
  /** The connection ends after this answer (HTTP/1.1). */
  readonly last: boolean;
}

type Headers = Record<string, string | readonly string[]>;

/** How long a client may go on sending what nobody reads, once it has its answer. */
const LINGER_MS = 1000;

/**
 * Always with a length, so that clients read the body (spec clients.md §1), and with a type of exactly `application/json` unless the
 * handler names another (spec auth-and-errors.md §11).
 */
export const send = (request: Incoming, response: Outgoing, answer: Answer, envelope: Envelope): void => {
  const body = answer.text ?? (answer.json === undefined ? '' : JSON.stringify(answer.json));
  writeHead(request, response, answer, envelope, Buffer.byteLength(body));
  if (request.method === 'HEAD' || body === '') response.end();
  else response.end(body);
};

/**
 * For a request whose body is not read on: the answer is out at once, the connection ends afterwards. Ended at the same moment, it
 * would be reset under a client that still sends, and the answer lost.
 */
export const sendAndHangUp = (request: Incoming, response: Outgoing, answer: Answer, envelope: Envelope): void => {
  const stream = http2Stream(request);
  if (stream !== undefined) {
    send(request, response, answer, envelope);
    stream.once('finish', () => stream.close(constants.NGHTTP2_NO_ERROR));
    return;
  }
  const body = JSON.stringify(answer.json);
  writeHead(request, response, answer, { ...envelope, last: true }, Buffer.byteLength(body));
  if (request.method !== 'HEAD') response.write(body);
  const finish = (): void => {
    clearTimeout(late);
    response.end();
  };
  const late = setTimeout(finish, LINGER_MS);
  request.once('end', finish).once('close', finish).resume();
};

const writeHead = (request: Incoming, response: Outgoing, answer: Answer, envelope: Envelope, length: number): void => {
  const headers: Headers = { 'Cache-Control': 'no-store', 'X-Request-Id': envelope.requestId };
  if (answer.status !== 204) {
    headers['Content-Type'] = 'application/json';
    headers['Content-Length'] = String(length);
  }
  if (envelope.limit !== undefined) Object.assign(headers, envelope.limit);
  if (answer.headers !== undefined) Object.assign(headers, answer.headers);
  if (envelope.challenge !== undefined && headers['WWW-Authenticate'] === undefined) headers['WWW-Authenticate'] = envelope.challenge;
  if (envelope.last && request.httpVersionMajor !== 2) headers.Connection = 'close';
  response.writeHead(answer.status, headers as Record<string, string | string[]>);
};
