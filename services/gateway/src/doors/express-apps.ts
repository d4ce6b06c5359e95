import { Http2ServerRequest, Http2ServerResponse } from 'node:http2';
import express, { type Express } from 'express';
import type { Incoming, Outgoing } from '../request/incoming.ts';

export type Listener = (request: Incoming, response: Outgoing) => void;

/**
 * Express gives every request its own prototypes, which are those of HTTP/1.1: on HTTP/2 it throws at the first request. So HTTP/2 has an
 * app of its own, whose prototypes stand on node's compat classes (spec statistics.md §12, 5).
 */
export const expressListener = (answer: Listener): Listener => {
  const http1 = appWith(answer);
  const http2 = appWith(answer);
  Object.assign(http2, {
    request: standingOn(Http2ServerRequest.prototype, express.request, http2),
    response: standingOn(Http2ServerResponse.prototype, express.response, http2),
  });
  return (request, response) => {
    const app = request.httpVersionMajor === 2 ? http2 : http1;
    app(request as never, response as never, () => answer(request, response)); // express gives up on targets that it cannot parse
  };
};

const appWith = (answer: Listener): Express => {
  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use(answer);
  return app;
};

const standingOn = (base: object, methods: object, app: Express): object =>
  Object.defineProperty(Object.create(base, Object.getOwnPropertyDescriptors(methods)), 'app', {
    configurable: true,
    enumerable: true,
    writable: true,
    value: app,
  });
