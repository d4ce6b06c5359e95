import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { type Collector, type Span, startCollector } from '../otlp-collector.ts';
import { createAccount, PASSWORD } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const SERVER = 2;
const WITHIN_MS = 20_000;

const traceOf = (spans: readonly Span[], name: string): readonly Span[] => {
  const root = spans.find((span) => span.name === name && span.kind === SERVER);
  return spans.filter(({ traceId }) => traceId === root?.traceId);
};
const orphansOf = (spans: readonly Span[], root: string): readonly Span[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ name, parentSpanId }) => name !== root && !ids.has(parentSpanId ?? ''));
};
const names = (spans: readonly Span[]) => new Set(spans.map(({ name }) => name));

describe('one request is one trace', () => {
  let server: ServerProcess;
  let collector: Collector;
  beforeAll(async () => {
    collector = await startCollector();
    server = await startServer({ env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, TRUST_PROXY: '127.0.0.1' } });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  test('from the request through append and publishing to the reaction of another service', async () => {
    const { id } = await createAccount(server, { username: 'traced.one', domain: 'sip.localhost' });
    await ask(server, `/api/accounts/${id}`, { method: 'DELETE', key: server.adminKey });
    const root = 'DELETE /api/accounts/:id';
    const wanted = ['append', 'publish', 'react to account.deleted.v1'];
    const isWhole = (spans: readonly Span[]): boolean =>
      wanted.every((name) => names(spans).has(name)) && orphansOf(spans, root).length === 0;
    const whole = collector.until((all) => isWhole(traceOf(all, root))); // a parent may be sent after what ended before it
    await Promise.race([whole, pause(WITHIN_MS, undefined, { ref: false })]);
    const spans = traceOf(collector.spans(), root);
    expect([...names(spans)]).toEqual(expect.arrayContaining([root, ...wanted]));
    expect(orphansOf(spans, root)).toEqual([]);
  });

  test('and through the projection that follows', async () => {
    const body = { id: 'traced-call', from: 'a@b.org', to: 'c@d.org', initiated_at: '2026-03-12T14:53:22Z' };
    await ask(server, '/api/statistics/calls', { method: 'POST', key: server.adminKey, body });
    const root = 'POST /api/statistics/calls';
    const spans = await collector.until((all) => [...names(traceOf(all, root))].some((name) => name.startsWith('project')));
    expect(names(traceOf(spans, root))).toContain('append');
  });

  test('goes on with the traceparent of a trusted proxy', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const body = { username: 'traced.two', password: PASSWORD, algorithm: 'MD5' };
    const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
    await ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, body, headers });
    const spans = await collector.until((all) => all.some((span) => span.traceId === traceId && span.name === 'append'));
    expect(spans.find((span) => span.traceId === traceId && span.name === 'POST /api/accounts')?.parentSpanId).toBe('00f067aa0ba902b7');
  });
});
