import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { createAccount, createSpace, keyOf } from '../population.ts';
import { runToEnd, type ServerProcess, servedKind, startServer } from '../server-process.ts';

const domain = 'sip.erase.org';

const ha1 = (algorithm: string, username: string, password: string) =>
  createHash(algorithm).update(`${username}:${domain}:${password}`).digest('hex');

/** Everything that is personal or secret of one account, by what it is. */
const personOf = (name: string, phone: string) => ({
  username: `${name}.vanishing`,
  display_name: `${name} the Vanished`,
  email: `${name}.mailbox@vanishing.example`,
  phone,
  dictionary: { [`${name}-dictionary-key`]: `${name}-dictionary-value` },
  password: `${name}-password-0815`,
});

type Person = ReturnType<typeof personOf>;

const traces = ({ username, display_name, email, phone, dictionary, password }: Person): Record<string, string> => ({
  username,
  'display name': display_name,
  email,
  phone,
  'dictionary key': Object.keys(dictionary)[0] ?? '',
  'dictionary value': Object.values(dictionary)[0] ?? '',
  password,
  'MD5 verifier': ha1('md5', username, password),
  'SHA-256 verifier': ha1('sha256', username, password),
});

describe('erasure', () => {
  let server: ServerProcess;
  const gone = personOf('wilhelmina', '+33611111111');
  const renamed = personOf('wilhelmina2', '+33611111112');
  const ofSpace = personOf('quentin', '+33611111113');
  const stays = personOf('benedicta', '+33611111114');
  const secrets: Record<string, string> = {};
  beforeAll(async () => {
    server = await startServer({ env: { ACCOUNT_PHONE_COUNTRIES: 'FR' } });
    await populate();
    expect(await server.stop()).toBe(0);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const admin = (method: string, path: string, body?: unknown) => ask(server, path, { method, key: server.adminKey, body });

  const populate = async (): Promise<void> => {
    await createSpace(server, domain);
    await createSpace(server, 'sip.erase2.org');
    const kept = await createAccount(server, { domain, ...stays });
    const account = await createAccount(server, { domain, ...gone });
    await createAccount(server, { ...ofSpace, domain: 'sip.erase2.org' });
    await admin('POST', '/api/spaces/sip.erase2.org/email', {
      host: 'smtp.erase.org',
      port: 25,
      username: 'smtp-quentin',
      password: 'smtp-pass-quentin',
    });
    secrets['API key'] = await keyOf(server, account);
    secrets['provisioning token'] = (await admin('GET', `/api/accounts/${account.id}`)).json.provisioning_token;
    for (const [id, from, to] of [
      ['call-1', gone.username, stays.username],
      ['call-2', stays.username, gone.username],
    ]) {
      await admin('POST', '/api/statistics/calls', {
        id,
        from: `${from}@${domain}`,
        to: `${to}@${domain}`,
        initiated_at: '2026-03-12T14:53:22Z',
      });
    }
    await admin('POST', '/api/statistics/messages', {
      id: 'm1',
      from: `${stays.username}@${domain}`,
      sent_at: '2026-03-12T14:53:22Z',
      encrypted: true,
    });
    const received = { last_status: 200, received_at: '2026-03-12T14:53:23Z' };
    await admin('PATCH', `/api/statistics/messages/m1/to/${gone.username}@${domain}/devices/d`, received);
    const put = { ...renamed, algorithm: 'MD5', domain };
    expect((await admin('PUT', `/api/accounts/${account.id}`, put)).status).toBe(200);
    expect((await admin('DELETE', `/api/accounts/${account.id}`)).status).toBe(200);
    expect((await admin('DELETE', '/api/spaces/sip.erase2.org')).status).toBe(200);
    await untilCallsForget(kept.id);
  };

  /** The other party's calls stay, without the person: a reaction of statistics does it. */
  const untilCallsForget = async (kept: number): Promise<void> => {
    const deadline = Date.now() + 20_000;
    for (;;) {
      const { text, json } = await admin('GET', `/api/accounts/${kept}/statistics/calls`);
      expect(json.total).toBe(2);
      if (!text.includes('wilhelmina')) return;
      if (Date.now() > deadline) throw new Error(`calls still name who was deleted: ${text}`);
    }
  };

  test('the search finds what is still there', async () => {
    expect(await server.keeps(stays.username)).not.toEqual([]);
    expect(await server.keeps(stays.email)).not.toEqual([]);
  });

  test.each(Object.entries({ ...traces(stays) }).filter(([what]) => /verifier|password/.test(what)))(
    'even of who stays, nothing kept holds the %s',
    async (_, text) => {
      expect(await server.keeps(text)).toEqual([]);
    },
  );

  describe.each([
    ['an account that was deleted', gone],
    ['what it was renamed to before', renamed],
    ['an account whose space was deleted', ofSpace],
  ])('%s', (_, person) => {
    test.each(Object.entries(traces(person)))('nothing kept holds the %s', async (__, text) => {
      expect(await server.keeps(text)).toEqual([]);
    });
  });

  test('nothing kept holds its key or token, nor the login of the mail server', async () => {
    for (const [what, secret] of Object.entries({ ...secrets, smtp: 'smtp-quentin', 'smtp password': 'smtp-pass-quentin' })) {
      expect([what, secret.length > 10, await server.keeps(secret)]).toEqual([what, true, []]);
    }
  });

  /** `rebuild` is a command of standalone. */
  const onStandalone = servedKind() === 'standalone' ? test : test.skip;
  onStandalone('nothing comes back with a rebuild and a restart', async () => {
    expect((await runToEnd(['rebuild'], { folder: server.folder })).code).toBe(0);
    const restarted = await startServer({ folder: server.folder });
    try {
      const list = await ask(restarted, '/api/accounts', { key: restarted.adminKey });
      expect(list.json.data.map(({ username }: { username: string }) => username)).toEqual(['admin', stays.username]);
      expect(list.text).not.toContain('wilhelmina');
    } finally {
      await restarted.stop();
    }
    expect(await server.keeps('wilhelmina')).toEqual([]);
  });
});
