import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const autocannon = createRequire('/work/main/package.json')('autocannon');
const run = (url, opts) => new Promise((res) => autocannon({ url, connections: 50, duration: 4, ...opts }, (e, r) => res(r)));
const body = JSON.stringify({
  from: 'tony@sip.example.org',
  to: 'mike@sip.example.org',
  id: 'a'.repeat(64),
  initiated_at: '2026-03-12T14:53:22Z',
  devices: { '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"': null },
});
const cpu = (pid) => {
  const f = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(f[11]) + Number(f[12])) * 10_000;
};
const out = {};
for (const [name, port] of [
  ['bare', 9001],
  ['quiet', 9002],
  ['info', 9002],
  ['bare', 9001],
  ['quiet', 9002],
  ['info', 9002],
]) {
  const child = spawn(process.execPath, ['services/gateway/src/tmp-server.ts', name], { stdio: ['ignore', 'ignore', 'inherit'] });
  await new Promise((r) => setTimeout(r, 1500));
  const headers = { 'x-api-key': 'k', 'content-type': 'application/json' };
  await run(`http://127.0.0.1:${port}/api/accounts/me`, { headers, duration: 2 });
  let c = cpu(child.pid);
  const g = await run(`http://127.0.0.1:${port}/api/accounts/me`, { headers });
  const gc = (cpu(child.pid) - c) / g.requests.total;
  c = cpu(child.pid);
  const p = await run(`http://127.0.0.1:${port}/api/statistics/calls`, { headers, method: 'POST', body });
  const pc = (cpu(child.pid) - c) / p.requests.total;
  let dc = 0,
    d = { requests: { average: 0 }, non2xx: 0 };
  if (name !== 'bare') {
    const { createHash, hash } = await import('node:crypto');
    const first = await fetch(`http://127.0.0.1:${port}/api/accounts/me`, { headers: { from: 'sip:jane@localhost' } });
    const [, nonce, opaque] = /nonce="(.*?)",opaque="(.*?)"/.exec(first.headers.get('www-authenticate'));
    const ha1 = hash('sha256', 'jane:localhost:secret', 'hex'),
      ha2 = hash('sha256', 'GET:/api/accounts/me', 'hex');
    let n = 0;
    c = cpu(child.pid);
    d = await run(`http://127.0.0.1:${port}/api/accounts/me`, {
      requests: [
        {
          setupRequest: (req) => {
            const nc = (++n).toString(16).padStart(8, '0');
            const response = hash('sha256', `${ha1}:${nonce}:${nc}:abcd:auth:${ha2}`, 'hex');
            return {
              ...req,
              headers: {
                from: 'sip:jane@localhost',
                authorization: `Digest username="jane", realm="localhost", nonce="${nonce}", uri="/api/accounts/me", response="${response}", opaque="${opaque}", qop=auth, nc=${nc}, cnonce="abcd", algorithm=SHA-256`,
              },
            };
          },
        },
      ],
    });
    dc = (cpu(child.pid) - c) / d.requests.total;
  }
  console.log('DIGEST', d.requests.average, d.non2xx, dc.toFixed(1));
  console.log(name, 'GET', g.requests.average, g.non2xx, gc.toFixed(1) + 'us', 'POST', p.requests.average, p.non2xx, pc.toFixed(1) + 'us');
  child.kill();
}
