import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Http2ServerRequest, ServerHttp2Stream } from 'node:http2';

/** HTTP/1.1, or HTTP/2 through node's compat classes: one shape. */
export type Incoming = IncomingMessage;
export type Outgoing = ServerResponse;

export const http2Stream = (request: Incoming): ServerHttp2Stream | undefined =>
  request.httpVersionMajor === 2 ? (request as unknown as Http2ServerRequest).stream : undefined;
