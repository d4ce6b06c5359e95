import { once } from 'node:events';
import { request as requestHttp } from 'node:http';
import { text } from 'node:stream/consumers';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { ask } from '/work/main/tests/client.ts';
import { startServer } from '/work/main/tests/server-process.ts';
const mode = process.argv[2];
const call = (id: string) => JSON.stringify({ id, from: 'stopping@sip.localhost', to: 'other@sip.example.org', initiated_at: '2026-03-12T14:53:22Z' });
const server = await startServer();
if (mode === 'slow') {
  const body = call('slow');
  const client = requestHttp(`${server.url}/api/statistics/calls`, { method: 'POST', headers: { 'x-api-key': server.adminKey, 'content-length': body.length } });
  client.on('error', (e) => console.log('client error', e.message));
  client.write(body.slice(0, 20));
  client.on('response', async (r) => console.log(r.statusCode, await text(r)));
  await setTimeout(500);
  const stopped = server.stop();
  await setTimeout(Number(process.argv[3] ?? 0));
  client.end(body.slice(20));
  console.log('exit', await stopped);
} else {
  const n = Number(process.argv[3] ?? 100);
  const many = Array.from({ length: n }, (_, i) => `c${i}`);
  await Promise.all(many.map(() => ask(server, '/api/ping')));
  const answers = many.map((one) => ask(server, '/api/statistics/calls', { method: 'POST', key: server.adminKey, body: call(one) }).then((a) => a.status, (e) => e.code + ' ' + e.message));
  await setImmediate();
  const stopped = server.stop();
  const got = await Promise.all(answers);
  console.log(Object.groupBy(got.map(String), (x) => x), 'exit', await stopped);
}
console.log(server.output().split('\n').slice(-4).join('\n'));
process.exit();
