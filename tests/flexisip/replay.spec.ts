import { once } from 'node:events';
import {
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { RouteId } from '@flexistream/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bodyOf, statusOf, tidy } from '../../packages/http/src/index.ts';
import { loadCertificate } from '../../services/gateway/src/doors/certificate.ts';
import { openWorld, type World } from '../../services/statistics/src/spec-support/world.ts';
import { main } from '../flexisip-replay.ts';
import { replayFlexisip } from './replay.ts';

interface Asked {
  readonly route: RouteId;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Readonly<Record<string, never>>;
  /** As it came. */
  readonly raw: { readonly path: string; readonly headers: readonly string[]; readonly body: string };
  readonly session: ServerHttp2Session | undefined;
}
interface Said {
  readonly status: number;
  readonly body: string;
}
/** Says what is said in place of the service, or nothing. */
type Fault = (asked: Asked, say: (asked: Asked) => Promise<Said>) => Promise<Said> | undefined;

const doors = [
  ['GET', /^\/api\/accounts\/(?<id>\d+)$/, 'readAccount'],
  ['GET', /^\/api\/accounts\/(?<id>\d+)\/statistics\/calls$/, 'readCalls'],
  ['POST', /^\/api\/stat(?:istic)?s\/calls$/, 'announceCall'],
  ['POST', /^\/api\/stat(?:istic)?s\/messages$/, 'announceMessage'],
  ['PATCH', /^\/api\/stat(?:istic)?s\/calls\/(?<call>[^/]+)$/, 'endCall'],
  ['PATCH', /^\/api\/stat(?:istic)?s\/calls\/(?<call>[^/]+)\/devices\/(?<device>[^/]+)$/, 'reportCallDevice'],
  ['PATCH', /^\/api\/stat(?:istic)?s\/messages\/(?<message>[^/]+)\/to\/(?<to>[^/]+)\/devices\/(?<device>[^/]+)$/, 'reportMessageDevice'],
] as const;

let world: World;
let server: Http2SecureServer;
let url: string;
let fault: Fault = () => undefined;

/** The service's own handlers behind a bare TLS end: the gateway is proven elsewhere. */
const say = async ({ route, params, query, body }: Asked): Promise<Said> => {
  if (route === 'readAccount') return { status: 200, body: JSON.stringify(world.accounts.get(Number(params.id))) };
  try {
    const { status, json, text } = await world.host.call(route, { caller: world.admin, params, body, query });
    return { status, body: text ?? JSON.stringify(json) };
  } catch (error) {
    return { status: statusOf(error), body: JSON.stringify(bodyOf(error, 'en')) };
  }
};

const answer = async (stream: ServerHttp2Stream, method: string, path: string, headers: readonly string[]): Promise<void> => {
  const [bare = '', query] = path.split('?');
  const given = (await buffer(stream)).toString();
  const door = doors.find(([verb, pattern]) => verb === method && pattern.test(bare));
  if (door === undefined) throw new Error(`no door for ${method} ${path}`);
  const params = Object.entries(door[1].exec(bare)?.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]);
  const asked: Asked = {
    route: door[2],
    params: Object.fromEntries(params),
    query: Object.fromEntries(new URLSearchParams(query)),
    body: tidy(given === '' ? {} : JSON.parse(given)),
    raw: { path, headers, body: given },
    session: stream.session as ServerHttp2Session | undefined,
  };
  const said = await (fault(asked, say) ?? say(asked));
  if (stream.destroyed) return;
  stream.respond({ ':status': said.status, 'content-type': 'application/json' });
  stream.end(said.body);
};

beforeAll(async () => {
  world = await openWorld();
  server = createSecureServer(await loadCertificate({ certFile: '', keyFile: '', folder: undefined, names: [] }));
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, _flags: number, raw: string[]) => {
    stream.on('error', () => undefined); // the client gave up
    answer(stream, headers[':method'] ?? '', headers[':path'] ?? '', raw).catch((error: Error) => stream.destroy(error));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  server.close();
  await world[Symbol.asyncDispose]();
});

const replayed = async (faulty: Fault = () => undefined) => {
  fault = faulty;
  return replayFlexisip({ url, key: 'any', account: 7 });
};

describe('the replay of a Flexisip server', () => {
  test('reads back what it sent, over one connection', async () => {
    expect(await replayed()).toMatchObject({ differences: [], connections: 1, listedCalls: 11, messageDevices: 12 });
  });

  test('sends what a Flexisip server sends, and nothing else', async () => {
    const seen: Asked[] = [];
    await replayed((asked) => {
      if (asked.route !== 'readAccount' && asked.route !== 'readCalls') seen.push(asked);
      return undefined;
    });
    const sent = ':method :scheme :authority :path accept x-api-key content-type content-length'.split(' ');
    for (const { raw, body } of seen) {
      expect(raw.headers.filter((_, place) => place % 2 === 0)).toEqual(sent);
      const members = Object.fromEntries(Object.entries(body).sort());
      expect(raw.body.replaceAll(' ', '')).toBe(raw.body);
      expect(Object.keys(JSON.parse(raw.body))).toEqual(Object.keys(members));
    }
    expect(new Set(seen.map(({ session }) => session)).size).toBe(1);
    expect(seen[0]?.session?.alpnProtocol).toBe('h2');
    expect(seen.some(({ raw }) => /^\/api\/statistics\/calls\/[0-9a-f]{64}\/devices\/"<urn:uuid:[0-9a-f-]{36}>"$/.test(raw.path))).toBe(
      true,
    );
    expect(seen.some(({ raw }) => /^\/api\/stats\/messages\/[0-9a-f]{64}\/to\/[^/]+@[^/]+\/devices\/[^/]+$/.test(raw.path))).toBe(true);
  });

  const faults: readonly (readonly [string, Fault])[] = [
    ['loses the ends that come early', ({ route }) => (route === 'endCall' ? Promise.resolve({ status: 404, body: '{}' }) : undefined)],
    [
      'takes a ringing device and forgets it',
      ({ route, body }) => (route === 'reportCallDevice' && 'rang_at' in body ? Promise.resolve({ status: 201, body: '{}' }) : undefined),
    ],
    [
      'strips device ids',
      (asked, honest) =>
        asked.params.device?.startsWith('"') === true
          ? honest({ ...asked, params: { ...asked.params, device: asked.params.device.slice(2, -2) } })
          : undefined,
    ],
    [
      'answers a message with the last report in place of the best',
      (asked, honest) =>
        asked.route === 'reportMessageDevice'
          ? honest(asked).then(({ status, body }) => ({ status, body: JSON.stringify({ ...JSON.parse(body), last_status: 503 }) }))
          : undefined,
    ],
    ['slows it down', ({ route }) => (route === 'announceCall' ? Promise.resolve({ status: 429, body: '{}' }) : undefined)],
    [
      'answers something else than 1',
      (asked, honest) => (asked.route === 'announceCall' ? honest(asked).then(({ status }) => ({ status, body: 'true' })) : undefined),
    ],
    [
      'lists calls in another order',
      (asked, honest) =>
        asked.route === 'readCalls'
          ? honest(asked).then(({ status, body }) => {
              const page = JSON.parse(body);
              return { status, body: JSON.stringify({ ...page, data: page.data.reverse() }) };
            })
          : undefined,
    ],
  ];
  test.each(faults)('notices a server that %s', async (_, faulty) => {
    expect((await replayed(faulty)).differences).not.toEqual([]);
  });

  test('notices a connection that is cut', async () => {
    const { differences, connections } = await replayed(({ route, session }) => {
      if (route === 'endCall') session?.goaway();
      return undefined;
    });
    expect(connections).toBeGreaterThan(1);
    expect(differences).toEqual(expect.arrayContaining([expect.stringContaining('was lost'), expect.stringContaining('did not last')]));
  });
});

describe('its command line', () => {
  const told = async (...args: string[]) => {
    fault = () => undefined;
    const said: string[] = [];
    return { code: await main(args, (text) => said.push(text)), said: said.join('\n') };
  };
  test('replays, tells, and answers 0', async () =>
    expect(await told('--url', url, '--key', 'any', '--account', '7')).toEqual({ code: 0, said: expect.stringContaining('88 requests') }));
  test('explains itself', async () => expect(await told('--help')).toEqual({ code: 0, said: expect.stringContaining('--rounds') }));
  test('answers 2 without what it needs', async () =>
    expect(await told('--url', url)).toEqual({ code: 2, said: expect.stringContaining('are needed') }));
  test('answers 2 for an option that it does not know', async () =>
    expect(await told('--speed', '9')).toEqual({ code: 2, said: expect.stringContaining('--speed') }));
  test('answers 2 for plain HTTP', async () =>
    expect(await told('--url', 'http://127.0.0.1', '--key', 'any', '--account', '7')).toEqual({
      code: 2,
      said: expect.stringContaining('https://'),
    }));
});
