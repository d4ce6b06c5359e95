import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
}

/** A collector of OTLP/HTTP with JSON that keeps what it is sent. */
export interface Collector {
  readonly endpoint: string;
  spans(): readonly Span[];
  /** Everything that arrived, as sent. */
  text(): string;
  /** Resolves with the spans once they satisfy the condition; the test's own time-out ends the waiting. */
  until(condition: (spans: readonly Span[]) => boolean): Promise<readonly Span[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

interface Export {
  readonly resourceSpans: { readonly scopeSpans: { readonly spans: Span[] }[] }[];
}

export const startCollector = async (): Promise<Collector> => {
  const received: string[] = [];
  const spans: Span[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    received.push(body);
    const { resourceSpans } = JSON.parse(body) as Export;
    spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
    response.setHeader('content-type', 'application/json').end('{}');
    arrived.resolve();
    arrived = Promise.withResolvers();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port was given');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans: () => spans,
    text: () => received.join('\n'),
    until: async (condition) => {
      while (!condition(spans)) await arrived.promise;
      return spans;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
