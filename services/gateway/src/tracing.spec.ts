import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startTracing } from '@flexistream/observability';
import { describe, expect, test } from '@jest/globals';
import { byKey, openPopulated } from './spec-support/population.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${TRACE}-b7ad6b7169203331-01`;

/** A collector that keeps what it is sent. */
const collector = async () => {
  const received: string[] = [];
  const server = createServer((request, response) => {
    request.setEncoding('utf8').on('data', (chunk: string) => received.push(chunk));
    request.on('end', () => response.end('{}'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { received, server, endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

describe('a trace', () => {
  test('is not made unless asked for', async () => {
    await using gateway = await openPopulated({ settings: { TRUST_PROXY: '127.0.0.1' } });
    await gateway.send('/api/accounts/me', { headers: byKey('jane', { traceparent }) });
    expect(gateway.calls.at(-1)?.context.traceparent).toBeUndefined();
  });

  test('goes on from a trusted proxy into the command, and shows the route, not the path', async () => {
    const { received, server, endpoint } = await collector();
    const stop = await startTracing({ endpoint, service: 'gateway' });
    {
      await using trusting = await openPopulated({ settings: { TRUST_PROXY: '127.0.0.1' } });
      await trusting.send('/api/accounts/7777?secret=1', { headers: byKey('admin', { traceparent }) });
      expect(trusting.calls.at(-1)?.context.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`));
      await using wary = await openPopulated();
      await wary.send('/api/accounts/7777', { headers: byKey('admin', { traceparent }) });
      expect(wary.calls.at(-1)?.context.traceparent).not.toContain(TRACE);
    }
    await stop();
    server.close();
    const sent = received.join('');
    expect(sent).toContain('"GET /api/accounts/:id"');
    expect(sent).not.toMatch(/7777|secret=1/);
  });
});
