import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { authorize, challengeFor, fromOf } from '../digest.ts';
import { type Collector, startCollector } from '../otlp-collector.ts';
import { createAccount, createSpace } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

/** Names, addresses, numbers, passwords, keys, tokens and codes that one server handled, each as it came. */
const person = {
  username: 'secretive.sally',
  display_name: 'Sally Silenced',
  email: 'sally.mailbox@private.example',
  phone: '+33698765432',
  password: 'open-sesame-4711',
  dictionary: { shelf: 'the-secret-shelf' },
};

describe('logs, spans and metrics of a server that has handled secrets', () => {
  let server: ServerProcess;
  let collector: Collector;
  let metrics: string;
  const secrets = new Map<string, string>();
  beforeAll(async () => {
    collector = await startCollector();
    const env = {
      LOG_LEVEL: 'trace',
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint,
      ACCOUNT_PHONE_COUNTRIES: 'FR',
    };
    server = await startServer({ env, metrics: true });
    await handleSecrets();
    const shown = await Promise.all(server.metricsUrls.map(async (url) => (await ask({ url }, '/metrics')).text));
    metrics = shown.join('\n');
    await server.stop(); // flushes what is left of the spans
  });
  afterAll(async () => {
    await server[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  const handleSecrets = async (): Promise<void> => {
    for (const [name, value] of Object.entries({ ...person, dictionary: person.dictionary.shelf })) secrets.set(name, value);
    const admin = (method: string, path: string, body?: unknown) => ask(server, path, { method, key: server.adminKey, body });
    const domain = 'sip.secret.org';
    await createSpace(server, domain);
    await admin('POST', `/api/spaces/${domain}/email`, {
      host: 'smtp.secret.org',
      port: 25,
      username: 'smtp-user-sally',
      password: 'smtp-pass-4712',
    });
    secrets.set('SMTP user', 'smtp-user-sally').set('SMTP password', 'smtp-pass-4712');
    const account = await createAccount(server, { domain, algorithm: 'MD5', ...person });
    const { provisioning_token: provisioning } = (await admin('GET', `/api/accounts/${account.id}/provision`)).json;
    secrets.set('provisioning token', provisioning);
    const path = '/api/accounts/me/api_key';
    const challenge = await challengeFor(server, account);
    const authorization = authorize(account, challenge, { path });
    const key = (await ask(server, path, { headers: { from: fromOf(account), authorization } })).text;
    secrets.set('API key', key).set('admin key', server.adminKey).set('nonce', challenge.nonce);
    secrets.set('DIGEST response', /response="(\w+)"/.exec(authorization)?.[1] ?? '');
    const changed = { algorithm: 'SHA-256', password: 'another-sesame-4713', old_password: person.password };
    await ask(server, '/api/accounts/me/password', { method: 'POST', key, body: changed });
    secrets.set('new password', changed.password);
    const { token } = (await admin('POST', '/api/account_creation_tokens')).json;
    secrets.set('creation token', token);
    const publicly = { username: 'public.penelope', password: 'penelope-4714', algorithm: 'MD5', account_creation_token: token };
    await ask(server, '/api/accounts/with-account-creation-token', { method: 'POST', host: domain, body: publicly });
    secrets.set('public name', publicly.username).set('public password', publicly.password);
    await admin('GET', `/api/accounts/${person.username}@${domain}/search`);
    await admin('GET', `/api/accounts/${person.email}/search-by-email`);
    await ask(server, `/api/accounts/${person.username}@${domain}/info`, { host: domain });
    const call = {
      id: 'call-of-sally',
      from: `${person.username}@${domain}`,
      to: 'mysterious.mike@elsewhere.org',
      initiated_at: '2026-03-12T14:53:22Z',
    };
    await admin('POST', '/api/statistics/calls', call);
    const device = 'fs-gen-secret-device-4715';
    await admin('PATCH', `/api/statistics/calls/call-of-sally/devices/${device}`, { rang_at: '2026-03-12T14:53:22Z' });
    const message = { id: 'message-of-sally', from: call.from, sent_at: '2026-03-12T14:53:22Z', encrypted: false };
    await admin('POST', '/api/statistics/messages', message);
    const received = { last_status: 200, received_at: '2026-03-12T14:53:22Z' };
    await admin('PATCH', `/api/statistics/messages/message-of-sally/to/silent.sam@elsewhere.org/devices/${device}`, received);
    secrets.set('callee', 'mysterious.mike').set('recipient', 'silent.sam').set('device', device);
    // What goes wrong is logged most.
    await ask(server, '/api/accounts/me', { headers: { from: 'sip:unknown.ursula@sip.secret.org' } });
    await ask(server, '/api/accounts/me', { key: 'wrong-key-4716', headers: { cookie: 'x-api-key=cookie-key-4717' } });
    await ask(server, '/api/accounts/me', { headers: { from: fromOf(account), authorization: 'Bearer bearer-4718' } });
    await ask(server, '/provisioning/token-in-path-4719?key=key-in-query-4720');
    await ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, body: '{"password":"broken-body-4721"' });
    await admin('POST', '/api/accounts', { username: 'REFUSED.RITA', password: 'refused-4722', email: 'refused-4723' });
    const forged = authorize({ ...account, password: 'guessed-4724' }, challenge, { path, nc: 2 });
    await ask(server, path, { headers: { from: fromOf(account), authorization: forged } });
    for (const one of 'unknown.ursula wrong-key-4716 cookie-key-4717 bearer-4718 token-in-path-4719 key-in-query-4720'.split(' '))
      secrets.set(one, one);
    for (const one of 'broken-body-4721 REFUSED.RITA refused-4722 refused-4723 guessed-4724'.split(' ')) secrets.set(one, one);
    expect((await admin('PUT', `/api/accounts/${account.id}`, { ...person, algorithm: 'MD5', username: 'renamed.ruth' })).status).toBe(200);
    secrets.set('renamed', 'renamed.ruth');
    expect((await admin('DELETE', `/api/accounts/${account.id}`)).status).toBe(200);
    await admin('DELETE', `/api/spaces/${domain}`);
  };

  const leaksIn = (text: string): string[] =>
    [...secrets].flatMap(([name, value]) => (text.toLowerCase().includes(value.toLowerCase()) ? [name] : []));

  test('all that was to be handled was there', () => {
    expect([...secrets].filter(([, value]) => value === undefined || value.length < 10)).toEqual([]);
    expect(secrets.size).toBeGreaterThan(30);
  });

  test('the logs hold requests by their route, and none of it', () => {
    expect(server.output()).toContain('/api/accounts/:id');
    expect(leaksIn(server.output())).toEqual([]);
  });

  test('the spans hold requests by their route, and none of it', () => {
    expect(collector.spans().map(({ name }) => name)).toContain('POST /api/accounts');
    expect(leaksIn(collector.text())).toEqual([]);
  });

  test('the metrics are Prometheus text, and hold none of it', () => {
    expect(metrics).toMatch(/^# TYPE \w+ (counter|histogram|gauge)$/m);
    expect(leaksIn(metrics)).toEqual([]);
  });
});
