import { type Route, routes } from '@flexistream/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, ask } from '../client.ts';
import { type Account, createAccount, createSpace, keyOf, PASSWORD } from '../population.ts';
import { sendRaw } from '../raw-http.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const domain = 'sip.nasty.org';
const STACK = /\n\s+at |node:internal|\.ts:\d+|SqliteError|ZodError/;

/** What is wrong with an answer, whatever was asked; undefined = nothing. */
const faultOf = (answer: Answer): string | undefined => {
  const { status, headers, text } = answer;
  if (status >= 500) return `${status} ${text}`;
  if (STACK.test(text)) return `shows its inside: ${text}`;
  if (headers['content-type'] !== 'application/json') return `content type ${headers['content-type']}`;
  if (headers['content-length'] !== String(Buffer.byteLength(text))) return `content length ${headers['content-length']}`;
  if (status >= 400 && typeof answer.json.message !== 'string') return `no message: ${text}`;
  return undefined;
};

const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;

/** Bodies that are no JSON object: 400 everywhere, before the login. */
const noObjects: Record<string, string | Buffer> = {
  'an open brace': '{',
  'a missing value': '{"a":}',
  'a comma too many': '{"a":1,}',
  'a comment': '{"a":1/**/}',
  'two objects': '{}{}',
  blanks: '  \n',
  'form fields': 'username=alice1&password=secret',
  'a control character in a text': '{"a":"\u0001"}',
  'a lone surrogate': '{"a":"\\ud800"}',
  'a byte order mark': '\ufeff{}',
  'no UTF-8': Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]),
  'UTF-16': Buffer.from('{"a":1}', 'utf16le'),
  'depth of 100': deep(100),
  'depth of 30,000': deep(30_000),
  'depth of 100,000, open': '['.repeat(100_000),
  'a list': '[]',
  'a text': '"x"',
  'a number': '1',
  null: 'null',
  true: 'true',
};

/** Values that a field does not expect. */
const nasty: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  1.5,
  1e300,
  2 ** 53,
  [],
  ['x'],
  [[]],
  {},
  { a: { b: ['c'] } },
  { toString: 'x', length: 5 },
  '',
  '   ',
  'x'.repeat(70_000),
  '\u0000',
  'a\u0000b',
  '\u202egnp.exe',
  '💥'.repeat(40),
  "'; DROP TABLE accounts; --",
  '%00%2F..%2F',
  '$(reboot)',
  '\r\nSet-Cookie: x=y',
  '__proto__',
  '1e400',
  '٣٣٣',
];

/** A body that is taken, for each row that reads one. */
const good: Partial<Record<keyof typeof routes, (n: number) => Record<string, unknown>>> = {
  createSpace: (n) => ({
    name: `Nasty ${n}`,
    domain: `n${n}.nasty.org`,
    host: `h${n}.nasty.org`,
    super: false,
    max_accounts: 1,
    max_account: 1,
  }),
  updateSpace: () => ({}),
  setMailServer: () => ({
    host: 'smtp.nasty.org',
    port: 25,
    username: 'u',
    password: 'p',
    from_address: 'a@b.org',
    from_name: 'n',
    signature: 's',
  }),
  createAccount: (n) => ({
    username: `nasty.${n}`,
    domain,
    password: PASSWORD,
    algorithm: 'MD5',
    email: `nasty.${n}@example.org`,
    dtmf_protocol: 'sipinfo',
    phone: null,
    display_name: 'N',
    dictionary: { a: 'b' },
    admin: false,
    activated: true,
  }),
  createAccountWithToken: (n) => ({
    username: `token.${n}`,
    password: PASSWORD,
    algorithm: 'MD5',
    account_creation_token: 'xxxxxxxxxxxxx',
  }),
  updateAccount: (n) => ({
    username: `put.${n}`,
    password: PASSWORD,
    algorithm: 'MD5',
    dictionary: {},
    email: null,
    display_name: 'D',
    domain,
  }),
  changeMyPassword: () => ({ algorithm: 'MD5', password: PASSWORD, old_password: PASSWORD }),
  announceMessage: (n) => ({ id: `m${n}`, from: 'a@b.org', sent_at: '2026-03-12T14:53:22Z', encrypted: false, conference_id: 'c', to: {} }),
  reportMessageDevice: () => ({ last_status: 200, received_at: '2026-03-12T14:53:22Z' }),
  announceCall: (n) => ({ id: `c${n}`, from: 'a@b.org', to: 'c@d.org', initiated_at: '2026-03-12T14:53:22Z', ended_at: null, devices: {} }),
  reportCallDevice: () => ({ rang_at: '2026-03-12T14:53:22Z', invite_terminated: { at: '2026-03-12T14:53:22Z', state: 'accepted' } }),
  endCall: () => ({ ended_at: '2026-03-12T14:53:22Z' }),
};

describe('bad input', () => {
  let server: ServerProcess;
  let target: Account;
  /** Of accounts that may be lost: rows act on the caller itself. */
  let spare: () => Promise<string>;
  let n = 0;
  /** Of split processes: the gateway asks for the first start until all can be asked. */
  let before: string[];
  const errorsOf = ({ output }: ServerProcess): string[] => output().match(/^.*"level":[56]0.*$/gm) ?? [];
  beforeAll(async () => {
    server = await startServer({ env: { MAX_BODY_BYTES: '200000' } });
    before = errorsOf(server);
    await createSpace(server, domain);
    target = await createAccount(server, { username: 'target', domain });
    spare = async () => keyOf(server, await createAccount(server, { username: `spare.${++n}`, domain: 'sip.localhost', admin: true }));
  });
  afterAll(async () => {
    expect((await ask(server, '/api/ping')).text).toBe('pong');
    expect(errorsOf(server)).toEqual(before);
    await server[Symbol.asyncDispose]();
  });

  const fill = (path: string): string =>
    path
      .replace(':id', String(target.id))
      .replace(':sip', `target@${domain}`)
      .replace(':email', 'a@b.org')
      .replace(':domain', domain)
      .replace(':to', 'c@d.org')
      .replaceAll(/:\w+/g, 'some-id');

  const rows = Object.entries<Route>(routes).filter(([id]) => !['deleteSpace', 'deleteAccount'].includes(id));

  test.each(rows)('%s: what is no JSON object is 400, even before the login', async (_, { method, path }) => {
    const faults: unknown[] = [];
    for (const [name, body] of Object.entries(noObjects)) {
      for (const key of [undefined, server.adminKey]) {
        const answer = await ask(server, fill(path), { method, key, body });
        const fault =
          faultOf(answer) ?? (answer.status === 400 && answer.json.message.startsWith('Invalid JSON') ? undefined : answer.text);
        if (fault !== undefined) faults.push([name, key === undefined ? 'no key' : 'key', answer.status, fault]);
      }
    }
    expect(faults).toEqual([]);
  });

  test.each(rows.filter(([id]) => id in good))('%s: each field with each nasty value is refused in words, or taken', async (id, row) => {
    const faults: unknown[] = [];
    const make = good[id as keyof typeof good];
    const whole = id === 'updateSpace' ? (await ask(server, `/api/spaces/${domain}`, { key: server.adminKey })).json : {};
    const key = id === 'changeMyPassword' ? await spare() : server.adminKey;
    const fields = Object.keys({ ...whole, ...make?.(0) });
    const tries = [...fields.map((field) => [field] as const), [undefined] as const];
    for (const [field] of tries) {
      const answers = await Promise.all(
        nasty.map(async (value) => {
          const body = {
            ...whole,
            ...make?.(++n),
            ...(field === undefined ? Object.fromEntries(fields.map((one) => [one, value])) : { [field]: value }),
          };
          // What was taken may have moved the target: the domain is all that a space's path needs.
          const answer = await ask(server, fill(row.path), { method: row.method, key, body, host: domain });
          return { value, answer };
        }),
      );
      for (const { value, answer } of answers) {
        const fault = faultOf(answer);
        if (fault !== undefined) faults.push([field, String(JSON.stringify(value)).slice(0, 60), fault]);
        if (answer.status === 422 && field !== undefined && Object.keys(answer.json.errors ?? {}).length === 0)
          faults.push([field, 'no errors']);
      }
    }
    expect(faults).toEqual([]);
  });

  const segments = [
    '%00',
    '%',
    '%zz',
    '%C0%AF',
    '%ED%A0%80',
    '..%2f..',
    '0',
    '-1',
    '9'.repeat(40),
    'NaN',
    "1'",
    '%20',
    '💥',
    'x'.repeat(3000),
    '%0d%0aX:y',
    '@',
    'sip:',
    'a@b@c',
    '__proto__',
    'constructor',
    '+',
    '%2525',
    'null',
    '1e3',
    '0x10',
    '１',
  ];

  test.each(rows.filter(([, { path }]) => path.includes(':')))('%s: nasty path segments', async (id, { method, path }) => {
    const faults: unknown[] = [];
    const makeBody = good[id as keyof typeof good];
    for (const segment of segments) {
      const body = makeBody?.(++n);
      const line = `${method} ${path.replaceAll(/:\w+/g, Buffer.from(segment).toString('latin1'))} HTTP/1.1`;
      const content = body === undefined ? '' : JSON.stringify(body);
      const head = [line, 'host: sip.localhost', `x-api-key: ${server.adminKey}`, 'connection: close', `content-length: ${content.length}`];
      const received = await sendRaw(server, Buffer.from(`${head.join('\r\n')}\r\n\r\n${content}`, 'latin1'), false);
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(received)?.[1]);
      if (!(status >= 200 && status < 500) || STACK.test(received)) faults.push([segment.slice(0, 30), received.slice(0, 300)]);
      else if (!/^content-type: application\/json\r$/im.test(received))
        faults.push([segment.slice(0, 30), 'content type', received.slice(0, 300)]);
    }
    expect(faults).toEqual([]);
  });

  test('credentials of all wrong shapes are 401, an unknown From 404', async () => {
    await createAccount(server, { username: 'known.to.all', domain });
    const digest =
      'Digest username="known.to.all",realm="r",nonce="n",uri="/api/accounts/me",response="x",nc=00000001,cnonce="c",qop=auth,opaque="o"';
    const authorizations = ['', 'Digest', 'Digest ', 'Digest =', 'Digest username', 'Digest username="', digest, `${digest},${digest}`];
    const others = ['Basic dDp0', 'Bearer', 'Bearer x', 'Bearer a.b.c', 'Negotiate', 'digest nonce=""', `Digest ${'x='.repeat(3000)}`];
    const faults: unknown[] = [];
    for (const authorization of [...authorizations, ...others]) {
      const answer = await ask(server, '/api/accounts/me', { headers: { from: `sip:known.to.all@${domain}`, authorization } });
      const fault = faultOf(answer) ?? (answer.status === 401 ? undefined : answer.text);
      if (fault !== undefined) faults.push([authorization.slice(0, 40), answer.status, fault]);
    }
    const froms = [
      'x',
      'sip:',
      'sip:@',
      '@',
      'sip:a@',
      'sip:@b',
      'sip:a@b@c',
      '<>',
      '"',
      '"x" <sip:a@b',
      'sip:%@b',
      'sip:%ff@b',
      `sip:${'x'.repeat(5000)}@b`,
      'tel:+33',
      '\u00ff@\u00ff',
    ];
    for (const from of froms) {
      const answer = await ask(server, '/api/accounts/me', { headers: { from } });
      const fault = faultOf(answer) ?? ([401, 404].includes(answer.status) ? undefined : answer.text);
      if (fault !== undefined) faults.push([from.slice(0, 40), answer.status, fault]);
    }
    const keys = ['x'.repeat(10_000), "' OR 1=1 --", '\u00e9', ' ', 'null', ','];
    for (const key of keys) {
      const answer = await ask(server, '/api/accounts/me', { key });
      const fault = faultOf(answer) ?? (answer.status === 401 ? undefined : answer.text);
      if (fault !== undefined) faults.push([key.slice(0, 40), answer.status, fault]);
    }
    expect(faults).toEqual([]);
  });

  test('bodies over the limit are 413, announced or in chunks, before the login; one below is read', async () => {
    const large = JSON.stringify({ username: 'x'.repeat(200_000) });
    for (const key of [undefined, server.adminKey]) {
      const announced = await ask(server, '/api/accounts', { method: 'POST', key, body: large });
      expect([announced.status, announced.json]).toEqual([413, { message: 'Payload too large' }]);
    }
    const chunk = `${(50_000).toString(16)}\r\n${'x'.repeat(50_000)}\r\n`;
    const head = `POST /api/accounts HTTP/1.1\r\nhost: sip.localhost\r\nx-api-key: ${server.adminKey}\r\ntransfer-encoding: chunked\r\n\r\n`;
    const chunked = await sendRaw(server, `${head}${chunk.repeat(5)}`, false);
    expect(chunked).toMatch(/^HTTP\/1\.1 413 /);
    expect(chunked).toContain('{"message":"Payload too large"}');
    const below = await ask(server, '/api/accounts', {
      method: 'POST',
      key: server.adminKey,
      body: JSON.stringify({ x: 'x'.repeat(190_000) }),
    });
    expect(below.status).toBe(422);
  });

  test('a POST without body, with and without type; a GET with a type; multipart', async () => {
    const post = (headers: Record<string, string>, body?: string) =>
      ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, headers, body });
    expect((await post({})).status).toBe(422);
    expect((await post({ 'content-type': 'application/json' })).status).toBe(422);
    expect((await post({ 'content-type': 'text/plain' }, '{}')).status).toBe(422);
    expect((await post({ 'content-type': 'multipart/form-data; boundary=x' }, '--x--')).status).toBe(415);
    const get = await ask(server, '/api/accounts/me', { key: server.adminKey, headers: { 'content-type': 'application/json' } });
    expect(get.status).toBe(200);
    const override = { 'x-http-method-override': 'DELETE' };
    expect((await ask(server, `/api/accounts/${target.id}`, { method: 'POST', key: server.adminKey, headers: override })).status).toBe(405);
  });

  test('nobody becomes somebody by headers of ours', async () => {
    const forged = { 'x-flexistream-caller': '{"superAdmin":true}', 'x-flexistream-identity': 'x', 'x-flexistream-changed': 'account:1' };
    const answer = await ask(server, '/api/spaces', { headers: forged });
    expect(answer.status).toBe(401);
    expect((await ask(server, '/internal/accounts.resolve', { method: 'POST', key: server.adminKey, body: { id: 1 } })).status).toBe(404);
    const prototype =
      '{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"username":"proto.type","password":"s3cret!","algorithm":"MD5"}';
    const made = await ask(server, '/api/accounts', { method: 'POST', key: server.adminKey, body: prototype });
    expect([made.status, made.json.admin]).toEqual([200, false]);
  });

  test.each<[string, string]>([
    ['no host', 'GET /api/ping HTTP/1.1\r\n\r\n'],
    ['two hosts', 'GET /api/accounts/me HTTP/1.1\r\nhost: a.org\r\nhost: b.org\r\n\r\n'],
    ['a host that is none', 'GET /api/accounts/me HTTP/1.1\r\nhost: a/b\r\n\r\n'],
    ['HTTP/0.9', 'GET /api/ping\r\n\r\n'],
    ['HTTP/2 in plain', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['TLS', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000'],
    ['a header without colon', 'GET /api/ping HTTP/1.1\r\nhost: a.org\r\nnonsense\r\n\r\n'],
    ['a NUL in a header', 'GET /api/ping HTTP/1.1\r\nhost: a.org\r\nx: a\u0000b\r\n\r\n'],
    ['a bare line feed smuggled in', 'GET /api/ping HTTP/1.1\nhost: a.org\nx: y\n\n'],
    [
      'length and chunks',
      'POST /api/accounts HTTP/1.1\r\nhost: sip.localhost\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a negative length', 'POST /api/accounts HTTP/1.1\r\nhost: sip.localhost\r\ncontent-length: -5\r\n\r\n'],
    ['two lengths', 'POST /api/accounts HTTP/1.1\r\nhost: sip.localhost\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}'],
    ['a chunk of no size', 'POST /api/accounts HTTP/1.1\r\nhost: sip.localhost\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n'],
    ['a header of 100 KB', `GET /api/ping HTTP/1.1\r\nhost: a.org\r\nx: ${'x'.repeat(100_000)}\r\n\r\n`],
    ['5,000 headers', `GET /api/ping HTTP/1.1\r\nhost: a.org\r\n${'x: y\r\n'.repeat(5000)}\r\n`],
    ['a method of nobody', 'BREW /api/ping HTTP/1.1\r\nhost: a.org\r\n\r\n'],
    ['CONNECT', 'CONNECT example.org:443 HTTP/1.1\r\nhost: a.org\r\n\r\n'],
    ['TRACE', 'TRACE /api/ping HTTP/1.1\r\nhost: sip.localhost\r\n\r\n'],
    ['an upgrade', 'GET /api/ping HTTP/1.1\r\nhost: a.org\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'],
    ['an asterisk', 'OPTIONS * HTTP/1.1\r\nhost: a.org\r\n\r\n'],
    ['an absolute URI', 'GET http://sip.localhost/api/ping HTTP/1.1\r\nhost: sip.localhost\r\n\r\n'],
    ['a lone percent sign', 'GET /api/% HTTP/1.1\r\nhost: sip.localhost\r\n\r\n'],
    ['an expectation', 'GET /api/ping HTTP/1.1\r\nhost: a.org\r\nexpect: the-unexpected\r\n\r\n'],
    ['nothing', '\r\n\r\n'],
  ])('on the wire: %s', async (_, bytes) => {
    const received = await sendRaw(server, Buffer.from(bytes, 'latin1'));
    expect(received).not.toMatch(/^HTTP\/1\.\d 5/);
    expect(received).not.toMatch(STACK);
    expect((await ask(server, '/api/ping')).status).toBe(200);
  });
});
