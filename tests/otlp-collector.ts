import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  /** As OTLP counts them: 1 internal, 2 server, 3 client, 4 producer, 5 consumer. */
  readonly kind: number;
  readonly attributes: readonly { readonly key: string; readonly value: unknown }[];
  /** `service.name` of the process that it is from. */
  readonly service: string;
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
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[] };
    readonly scopeSpans: readonly { readonly spans: readonly Omit<Span, 'service'>[] }[];
  }[];
}

const spansOf = ({ resourceSpans }: Export): Span[] =>
  resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = resource.attributes.find(({ key }) => key === 'service.name')?.value.stringValue ?? '';
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => ({ ...span, service })));
  });

export const startCollector = async (): Promise<Collector> => {
  const received: string[] = [];
  const spans: Span[] = [];
  let arrived = Promise.withResolvers<void>();
  const server = createServer(async (request, response) => {
    const body = await text(request);
    received.push(body);
    spans.push(...spansOf(JSON.parse(body) as Export));
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
