import { once } from 'node:events';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { replayFlexisip } from '../flexisip-replay.ts';
import { createAccount } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const handshake = async (server: ServerProcess, ALPNProtocols?: string[]): Promise<TLSSocket> => {
  const { hostname, port } = new URL(server.tlsUrl ?? '');
  const socket = connectTls({ host: hostname, port: Number(port), rejectUnauthorized: false, ...(ALPNProtocols ? { ALPNProtocols } : {}) });
  await once(socket, 'secureConnect');
  return socket;
};

const stream = async (session: ClientHttp2Session, headers: IncomingHttpHeaders, body?: string) => {
  const request = session.request({ ':authority': 'sip.localhost', ...headers }, { endStream: body === undefined });
  if (body !== undefined) request.end(body);
  const [[received], read] = await Promise.all([once(request, 'response') as Promise<[IncomingHttpHeaders]>, text(request)]);
  return { status: received[':status'] as unknown as number, headers: received, text: read };
};

describe('the TLS door', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ tls: true });
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await rm(server.folder, { recursive: true, force: true }); // a restarted one was given its folder
  });

  test.each([
    [['h2'], 'h2'],
    [['h2', 'http/1.1'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [undefined, false],
  ])('ALPN %j gets %s', async (offered, chosen) => {
    const socket = await handshake(server, offered);
    expect(socket.alpnProtocol).toBe(chosen);
    if (chosen !== 'h2') {
      socket.end('GET /api/ping HTTP/1.1\r\nhost: sip.localhost\r\nconnection: close\r\n\r\n');
      expect(await text(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\npong$/);
    }
    socket.destroy();
  });

  test('HTTP/2: challenges, bodies, lengths, device ids raw and encoded', async () => {
    const session = connect(server.tlsUrl ?? '', { rejectUnauthorized: false });
    try {
      const ping = await stream(session, { ':path': '/api/ping' });
      expect([ping.status, ping.text, ping.headers['content-length']]).toEqual([200, 'pong', '4']);
      const challenged = await stream(session, { ':path': '/api/accounts/me', from: 'sip:admin@sip.localhost' });
      expect([challenged.status, challenged.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Digest realm="/)]);
      const raw = '/api/stats/calls/0123/devices/"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"';
      const device = { ':method': 'PATCH', ':path': raw, 'x-api-key': server.adminKey };
      const first = await stream(session, device, '{"rang_at":"2026-03-12T14:53:23Z"}');
      expect([first.status, JSON.parse(first.text).device_id]).toEqual([201, '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"']);
      const encoded = { ...device, ':path': raw.replaceAll('"', '%22').replaceAll('<', '%3C').replaceAll('>', '%3E') };
      const second = await stream(session, encoded, '{}');
      expect([second.status, JSON.parse(second.text).id]).toEqual([200, JSON.parse(first.text).id]);
    } finally {
      session.close();
    }
  });

  test('one connection carries 2,000 reports at once, without a GOAWAY', async () => {
    const session = connect(server.tlsUrl ?? '', { rejectUnauthorized: false });
    let goneAway = false;
    session.on('goaway', () => {
      goneAway = true;
    });
    await once(session, 'remoteSettings');
    expect(session.remoteSettings.maxConcurrentStreams ?? 0).toBeGreaterThanOrEqual(1000);
    const announce = (n: number) =>
      stream(
        session,
        { ':method': 'POST', ':path': '/api/statistics/calls', 'x-api-key': server.adminKey },
        JSON.stringify({ id: `burst-${n}`, from: 'tony@sip.a.org', to: 'mike@sip.a.org', initiated_at: '2026-03-12T14:53:22Z' }),
      );
    const answers = await Promise.all(Array.from({ length: 2000 }, (_, n) => announce(n)));
    expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
    expect(goneAway).toBe(false);
    session.close();
  });

  test('its self-signed certificate stays over a restart, its key is for nobody else', async () => {
    const before = (await handshake(server)).getPeerCertificate().fingerprint256;
    expect(await server.stop()).toBe(0);
    server = await startServer({ folder: server.folder, tls: true });
    const socket = await handshake(server);
    expect(socket.getPeerCertificate().fingerprint256).toBe(before);
    socket.destroy();
    expect(server.output()).not.toContain('PRIVATE KEY');
    const files = (await readdir(join(server.folder, 'tls'))).map((name) => join(server.folder, 'tls', name));
    const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
    const [keyFile = '', ...others] = files.filter((_, place) => texts[place]?.includes('PRIVATE KEY'));
    expect([(await stat(keyFile)).mode & 0o077, others]).toEqual([0, []]);
  });

  test('takes what Flexisip sends, and gives it back', async () => {
    const { id } = await createAccount(server, { username: 'flexisip.user', domain: 'sip.localhost' });
    const replay = await replayFlexisip({ url: server.tlsUrl ?? '', key: server.adminKey, account: id });
    expect(replay.differences).toEqual([]);
    expect(replay.connections).toBe(1);
    expect(replay.requests).toBeGreaterThan(10);
  });
});
