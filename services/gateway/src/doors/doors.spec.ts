import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { Agent, request as https } from 'node:https';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Http2Client } from '../spec-support/http2-client.ts';
import { raw } from '../spec-support/open-gateway.ts';
import { HOST, openPopulated } from '../spec-support/population.ts';
import { loadCertificate } from './certificate.ts';

const DEVICE = '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"';
const admin = { 'x-api-key': 'admin', accept: 'application/json', 'content-type': 'application/json' };

/** Holds what comes to a handler until it is released. */
const gate = () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { opened: promise, open: resolve };
};

const until = async (condition: () => boolean): Promise<void> => {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gateway-tls-'));
});
afterAll(() => rm(folder, { recursive: true }));
const open = (options: Parameters<typeof openPopulated>[0] = {}) => openPopulated({ tls: true, dataDir: folder, ...options });

describe('HTTP/2 over TLS', () => {
  test('serves what Flexisip sends, raw paths included, on one connection', async () => {
    await using gateway = await open();
    await using client = new Http2Client(gateway, `${HOST}:8443`);
    const path = `/api/stats/calls/9f86d081/devices/${DEVICE}`;
    const answer = await client.send({ ':method': 'PATCH', ':path': path, ...admin }, '{"rang_at":"2026-03-12T14:53:23Z"}');
    expect([answer.status, answer.text]).toEqual([200, '{"route":"reportCallDevice"}']);
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'content-length': '28', 'cache-control': 'no-store' });
    expect(gateway.calls.at(-1)).toMatchObject({
      params: { call: '9f86d081', device: DEVICE },
      body: { rang_at: '2026-03-12T14:53:23Z' },
      origin: `https://${HOST}:8443`,
      path,
    });
  });

  test('allows a thousand streams at once, and answers all of them', async () => {
    const hold = gate();
    await using gateway = await open({ handlers: { announceCall: async () => hold.opened.then(() => ({ status: 200, text: '1' })) } });
    await using client = new Http2Client(gateway, HOST);
    const headers = { ':method': 'POST', ':path': '/api/statistics/calls', ...admin };
    const answers = Array.from({ length: 1000 }, (_, n) => client.send(headers, JSON.stringify({ id: String(n) })));
    await until(() => gateway.calls.length === 1000);
    hold.open();
    expect(new Set((await Promise.all(answers)).map(({ status, text }) => `${status} ${text}`))).toEqual(new Set(['200 1']));
    expect(client.session.remoteSettings.maxConcurrentStreams).toBeGreaterThanOrEqual(1000);
  });

  test('goes on for thousands of requests without GOAWAY', async () => {
    await using gateway = await open();
    await using client = new Http2Client(gateway, HOST);
    for (let round = 0; round < 30; round++) {
      const headers = { ':method': 'PATCH', ':path': `/api/stats/calls/${round}`, ...admin };
      const answers = await Promise.all(Array.from({ length: 100 }, () => client.send(headers, '{}')));
      expect(answers.every(({ status }) => status === 200)).toBe(true);
    }
    expect([client.goaways, client.session.closed]).toEqual([0, false]);
  });

  test('sends several challenges as several lines, HEAD without a body, and unknown paths as JSON', async () => {
    await using gateway = await open();
    await using client = new Http2Client(gateway, HOST);
    const challenge = await client.send({ ':path': '/api/accounts/me', from: `sip:jane@${HOST}` });
    expect([challenge.status, challenge.headers['www-authenticate']]).toEqual([401, expect.stringMatching(/^Digest realm=/)]);
    const head = await client.open({ ':method': 'HEAD', ':path': '/api/accounts/me', ...admin });
    const headers = await new Promise<Record<string, unknown>>((resolve) => head.once('response', (got) => resolve({ ...got })));
    expect([headers[':status'], headers['content-length']]).toEqual([200, '18']);
    const unknown = await client.send({ ':path': '/api/nothing' });
    expect([unknown.status, unknown.text]).toEqual([404, '{"message":"The route api/nothing could not be found."}']);
  });

  test('refuses a body that is too large, announced or not, and goes on', async () => {
    await using gateway = await open({ settings: { MAX_BODY_BYTES: '1000' } });
    await using client = new Http2Client(gateway, HOST);
    const headers = { ':method': 'POST', ':path': '/api/accounts', ...admin };
    const announced = await client.send({ ...headers, 'content-length': '1001' }, 'x'.repeat(1001));
    const streamed = await client.send(headers, 'x'.repeat(200_000));
    expect([announced.status, streamed.status, streamed.text]).toEqual([413, 413, '{"message":"Payload too large"}']);
    expect((await client.send({ ':path': '/api/ping' })).text).toBe('pong');
  });

  test('is not stopped by bodies that nobody reads', async () => {
    await using gateway = await open();
    await using client = new Http2Client(gateway, HOST);
    for (let n = 0; n < 40; n++) {
      const answer = await client.send({ ':method': 'POST', ':path': '/api/nothing' }, 'x'.repeat(60_000));
      expect(answer.status).toBe(404);
    }
    const body = JSON.stringify({ a: 'x'.repeat(500_000) });
    expect((await client.send({ ':method': 'POST', ':path': '/api/accounts', ...admin }, body)).status).toBe(200);
  });

  test('survives requests that their client gives up', async () => {
    const hold = gate();
    await using gateway = await open({ handlers: { readMe: async () => hold.opened.then(() => ({ status: 200 })) } });
    await using client = new Http2Client(gateway, HOST);
    const given = Array.from({ length: 50 }, () => client.open({ ':path': '/api/accounts/me', ...admin }));
    await until(() => gateway.calls.length === 50);
    for (const stream of given) stream.on('error', () => undefined).close(8);
    hold.open();
    expect((await client.send({ ':path': '/api/ping' })).text).toBe('pong');
  });

  test('is beside HTTP/1.1 on the same port', async () => {
    await using gateway = await open();
    const agent = new Agent({ rejectUnauthorized: false, keepAlive: true });
    const options = {
      host: '127.0.0.1',
      port: gateway.opened.https?.port,
      path: '/api/accounts/me',
      agent,
      headers: { host: HOST, ...admin },
    };
    const status = await new Promise((resolve, reject) => {
      https(options, (response) => response.resume().once('end', () => resolve(response.statusCode)))
        .once('error', reject)
        .end();
    });
    expect([status, gateway.calls.at(-1)?.origin]).toEqual([200, `https://${HOST}`]);
    agent.destroy();
  });
});

describe('a shutdown', () => {
  test('loses no request of an HTTP/2 connection, those that still come included, and says GOAWAY at the end', async () => {
    const hold = gate();
    await using gateway = await open({ handlers: { announceCall: async () => hold.opened.then(() => ({ status: 200, text: '1' })) } });
    await using client = new Http2Client(gateway, HOST);
    const headers = { ':method': 'POST', ':path': '/api/statistics/calls', ...admin };
    const before = Array.from({ length: 100 }, () => client.send(headers, '{}'));
    await until(() => gateway.calls.length === 100);
    const closed = gateway.doors.close();
    const during = Array.from({ length: 20 }, () => client.send(headers, '{}'));
    await until(() => gateway.calls.length === 120);
    expect(client.goaways).toBe(0);
    hold.open();
    const answers = await Promise.all([...before, ...during]);
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
    await closed;
    await client.closed;
    expect(client.goaways).toBe(1);
  });

  test('answers what is open on HTTP/1.1, accepts nothing more, and ends idle connections', async () => {
    const hold = gate();
    await using gateway = await open({ handlers: { readMe: async () => hold.opened.then(() => ({ status: 200 })) } });
    const idle = connect(gateway.opened.http.port, '127.0.0.1');
    const idleEnded = new Promise((resolve) => idle.resume().once('close', resolve));
    await new Promise((resolve) => idle.once('connect', resolve));
    const answer = raw(gateway, `GET /api/accounts/me HTTP/1.1\r\nHost: ${HOST}\r\nx-api-key: jane\r\n\r\n`, 'never');
    await until(() => gateway.calls.length === 1);
    const closed = gateway.doors.close();
    await idleEnded;
    await expect(raw(gateway, 'GET /api/ping HTTP/1.1\r\n\r\n')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    hold.open();
    expect(await answer).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*Connection: close/);
    await closed;
  });

  test('says first that it is not ready', async () => {
    const hold = gate();
    await using gateway = await open({
      settings: { SHUTDOWN_PAUSE_SECONDS: '1' },
      handlers: { readMe: async () => hold.opened.then(() => ({ status: 200 })) },
    });
    expect((await gateway.send('/readyz')).status).toBe(200);
    const closed = gateway.doors.close();
    expect((await gateway.send('/readyz')).status).toBe(503);
    expect((await gateway.send('/api/ping')).text).toBe('pong');
    hold.open();
    await closed;
  });

  test('ends a connection that is never without a request, and answers what is open on it', async () => {
    const holds: (() => void)[] = [];
    await using gateway = await open({
      settings: { SHUTDOWN_LIMIT_SECONDS: '1' },
      handlers: { announceCall: () => new Promise((resolve) => holds.push(() => resolve({ status: 200, text: '1' }))) },
    });
    await using client = new Http2Client(gateway, HOST);
    client.session.on('goaway', () => holds[0]?.());
    const answer = client.send({ ':method': 'POST', ':path': '/api/statistics/calls', ...admin }, '{}');
    await until(() => holds.length === 1);
    const closed = gateway.doors.close();
    expect((await answer).status).toBe(200);
    await closed;
  });

  test('cuts what does not end within its limit', async () => {
    await using gateway = await open({
      settings: { SHUTDOWN_LIMIT_SECONDS: '1' },
      handlers: { readMe: () => new Promise(() => undefined) },
    });
    const answer = raw(gateway, `GET /api/accounts/me HTTP/1.1\r\nHost: ${HOST}\r\nx-api-key: jane\r\n\r\n`);
    await until(() => gateway.calls.length === 1);
    await gateway.doors.close();
    expect(await answer).toBe('');
  });
});

describe('the certificate', () => {
  test('is made once, for its owner only', async () => {
    const own = await mkdtemp(join(tmpdir(), 'gateway-tls-'));
    const source = { certFile: '', keyFile: '', folder: own, names: ['sip.example.org'] };
    const made = await loadCertificate(source);
    expect(await loadCertificate(source)).toEqual(made);
    expect((await stat(join(own, 'tls', 'key.pem'))).mode & 0o777).toBe(0o600);
    expect(await readFile(join(own, 'tls', 'cert.pem'), 'utf8')).toBe(made.cert);
    const files = { certFile: join(own, 'tls', 'cert.pem'), keyFile: join(own, 'tls', 'key.pem'), folder: undefined, names: [] };
    expect(await loadCertificate(files)).toEqual(made);
    await rm(own, { recursive: true });
  });

  test('and its key come together', () =>
    expect(loadCertificate({ certFile: '/a', keyFile: '', folder: undefined, names: [] })).rejects.toThrow('TLS_KEY'));
});
