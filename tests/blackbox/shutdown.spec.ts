import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { connect } from 'node:http2';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { createAccount } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const call = (id: string) =>
  JSON.stringify({ id, from: 'stopping@sip.localhost', to: 'other@sip.example.org', initiated_at: '2026-03-12T14:53:22Z' });

const listedCalls = async (server: ServerProcess, account: number): Promise<string[]> => {
  const found: string[] = [];
  for (let page = 1, last = 1; page <= last; page++) {
    const { data, last_page } = (await ask(server, `/api/accounts/${account}/statistics/calls?page=${page}`, { key: server.adminKey }))
      .json;
    found.push(...data.map(({ id }: { id: string }) => id));
    last = last_page;
  }
  return found.sort();
};

const ids = (prefix: string, many: number) => Array.from({ length: many }, (_, n) => `${prefix}-${String(n).padStart(4, '0')}`);

describe('SIGTERM in mid-flight', () => {
  test('HTTP/1.1: everything that was sent is answered and durable, the exit code is 0', async () => {
    await using server = await startServer();
    const { id } = await createAccount(server, { username: 'stopping', domain: 'sip.localhost' });
    const sent = ids('plain', 100);
    const slow = slowUpload(server, '/api/statistics/calls', call('plain-slow'));
    await slow.halfSent;
    await Promise.all(sent.map(() => ask(server, '/api/ping'))); // as many connections as are needed now
    const answers = sent.map((one) => ask(server, '/api/statistics/calls', { method: 'POST', key: server.adminKey, body: call(one) }));
    await setImmediate(); // they are written
    const stopped = server.stop();
    slow.sendTheRest();
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses).toEqual(sent.map(() => 200));
    expect(await slow.status).toBe(200);
    expect(await stopped).toBe(0);
    await using restarted = await startServer({ folder: server.folder });
    expect(await listedCalls(restarted, id)).toEqual([...sent, 'plain-slow']);
  });

  test('HTTP/2: no stream that was opened is lost to a GOAWAY', async () => {
    await using server = await startServer({ tls: true });
    const { id } = await createAccount(server, { username: 'stopping', domain: 'sip.localhost' });
    const session = connect(server.tlsUrl ?? '', { rejectUnauthorized: false });
    const sent = ids('h2', 500);
    const send = async (one: string): Promise<number> => {
      const headers = { ':authority': 'sip.localhost', ':method': 'POST', ':path': '/api/stats/calls', 'x-api-key': server.adminKey };
      const stream = session.request(headers);
      stream.end(call(one));
      const [[received]] = await Promise.all([once(stream, 'response'), text(stream)]);
      return received[':status'];
    };
    await once(session, 'remoteSettings');
    const answers = sent.map(send);
    await setImmediate(); // they are written
    const stopped = server.stop();
    expect(await Promise.all(answers)).toEqual(sent.map(() => 200));
    expect(await stopped).toBe(0);
    session.destroy();
    await using restarted = await startServer({ folder: server.folder });
    expect(await listedCalls(restarted, id)).toEqual(sent);
  });
});

/** A client on a bad line: half of the body, and the rest when told. */
const slowUpload = (server: ServerProcess, path: string, body: string) => {
  const client = requestHttp(`${server.url}${path}`, {
    method: 'POST',
    headers: { 'x-api-key': server.adminKey, 'content-length': Buffer.byteLength(body) },
  });
  const half = Math.floor(body.length / 2);
  const halfSent = new Promise<void>((resolve) => client.write(body.slice(0, half), () => resolve()));
  const status = once(client, 'response').then(async ([response]) => {
    await text(response);
    return response.statusCode as number;
  });
  return { halfSent, status, sendTheRest: () => client.end(body.slice(half)) };
};
