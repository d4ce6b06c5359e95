import { type Attributes, context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';

/** Off unless an OTLP endpoint is configured: then nothing of the SDK is loaded and every call here is a check of one flag. */
let enabled = false;

export const tracingEnabled = (): boolean => enabled;

export interface TracingOptions {
  /** Base address of an OTLP/HTTP collector, e.g. `http://collector:4318`. */
  readonly endpoint: string;
  readonly service: string;
}

/** Starts the SDK; answers a function that flushes and stops it. */
export const startTracing = async ({ endpoint, service }: TracingOptions): Promise<() => Promise<void>> => {
  const [{ NodeTracerProvider, BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }] = await Promise.all([
    import('@opentelemetry/sdk-trace-node'),
    import('@opentelemetry/exporter-trace-otlp-http'),
    import('@opentelemetry/resources'),
  ]);
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': service }),
    spanProcessors: [new BatchSpanProcessor(exporter, { scheduledDelayMillis: 500 })],
  });
  provider.register();
  enabled = true;
  return async () => {
    enabled = false;
    await provider.shutdown();
    trace.disable();
    context.disable();
    propagation.disable();
  };
};

export interface SpanOptions {
  /** W3C traceparent of what this work follows from; the active span otherwise. */
  readonly parent?: string | undefined;
  readonly kind?: 'server' | 'client' | 'producer' | 'consumer' | 'internal';
  /** Never names, addresses, paths or secrets: spans leave the machine. */
  readonly attributes?: Attributes;
}

const kinds = {
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  internal: SpanKind.INTERNAL,
};

/** Runs the work in a span of that name; an error marks it and goes on. */
export const traced = <T>(name: string, options: SpanOptions, work: (span?: Span) => Promise<T>): Promise<T> => {
  if (!enabled) return work();
  const parent = options.parent === undefined ? context.active() : propagation.extract(context.active(), { traceparent: options.parent });
  const settings = { kind: kinds[options.kind ?? 'internal'], ...(options.attributes ? { attributes: options.attributes } : {}) };
  return trace.getTracer('flexistream').startActiveSpan(name, settings, parent, async (span) => {
    try {
      return await work(span);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error && 'code' in error ? String(error.code) : 'error' });
      throw error;
    } finally {
      span.end();
    }
  });
};

/** As `traced`, for work that is done at once. */
export const tracedSync = <T>(name: string, { parent, attributes }: Pick<SpanOptions, 'parent' | 'attributes'>, work: () => T): T => {
  if (!enabled) return work();
  const from = parent === undefined ? context.active() : propagation.extract(context.active(), { traceparent: parent });
  const span = trace.getTracer('flexistream').startSpan(name, attributes ? { attributes } : {}, from);
  try {
    return work();
  } finally {
    span.end();
  }
};

/** The active span as W3C traceparent, for events and calls that follow; undefined when tracing is off. */
export const currentTraceparent = (): string | undefined => {
  if (!enabled) return undefined;
  const carrier: Record<string, string> = {};
  propagation.inject(context.active(), carrier);
  return carrier.traceparent;
};
