import { type Attributes, type Counter, type Histogram, metrics, type ObservableResult } from '@opentelemetry/api';

/** Prometheus on a port of its own; loaded only when that port is not 0. Answers a function that closes it. */
export const startMetrics = async ({ host, port }: { host: string; port: number }): Promise<() => Promise<void>> => {
  const [{ MeterProvider }, { PrometheusExporter }] = await Promise.all([
    import('@opentelemetry/sdk-metrics'),
    import('@opentelemetry/exporter-prometheus'),
  ]);
  const exporter = new PrometheusExporter({ host, port, preventServerStart: true });
  await exporter.startServer();
  const provider = new MeterProvider({ readers: [exporter] });
  metrics.setGlobalMeterProvider(provider);
  return async () => {
    await provider.shutdown();
    metrics.disable();
  };
};

const meter = () => metrics.getMeter('flexistream');

/** Instruments are made at first use, after the provider stands. Attributes never hold personal values. */
export const counter = (name: string, description: string): ((by?: number, attributes?: Attributes) => void) => {
  let instrument: Counter | undefined;
  return (by = 1, attributes) => {
    instrument ??= meter().createCounter(name, { description });
    instrument.add(by, attributes);
  };
};

export const histogram = (name: string, description: string, unit: string): ((value: number, attributes?: Attributes) => void) => {
  let instrument: Histogram | undefined;
  return (value, attributes) => {
    instrument ??= meter().createHistogram(name, { description, unit });
    instrument.record(value, attributes);
  };
};

export const gauge = (name: string, description: string, observe: (result: ObservableResult) => Promise<void> | void): void => {
  meter().createObservableGauge(name, { description }).addCallback(observe);
};
