import { type Access, type Route, routes } from '@flexistream/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Answer, ask } from '../client.ts';
import { type Account, createAccount, createSpace, keyOf } from '../population.ts';
import { type ServerProcess, startServer } from '../server-process.ts';

const domain = 'sip.matrix.org';
const foreignDomain = 'sip.foreign.org';

type Refusal = readonly [status: number, message: string];
const LOGIN: Refusal = [401, 'From header is required or invalid token'];
const KEY: Refusal = [401, 'Invalid API Key'];
const AREA: Refusal = [403, 'Unauthorized area'];
const BLOCKED: Refusal = [403, 'Account blocked'];
const UNKNOWN: Refusal = [404, 'Missing elements to perform the request'];

interface Kind {
  /** A fresh key for each request: some rows end the key or its account. */
  readonly key: (server: ServerProcess) => Promise<string | undefined>;
  /** Undefined = let through. */
  readonly refused: Readonly<Partial<Record<Access, Refusal>>>;
}

let people = 0;
const member = async (server: ServerProcess, of: string, admin: boolean): Promise<Account & { key: string }> => {
  const account = await createAccount(server, { username: `member.${++people}`, domain: of, admin });
  return { ...account, key: await keyOf(server, account) };
};

const kinds: Record<string, Kind> = {
  nobody: { key: async () => undefined, refused: { user: LOGIN, admin: LOGIN, super: LOGIN } },
  'a wrong key': { key: async () => 'the-key-of-nobody', refused: { user: KEY, admin: KEY, super: KEY } },
  'a user': { key: async (server) => (await member(server, domain, false)).key, refused: { admin: AREA, super: AREA } },
  'an admin': { key: async (server) => (await member(server, domain, true)).key, refused: { super: AREA } },
  'a super admin': { key: async (server) => (await member(server, 'sip.localhost', true)).key, refused: {} },
  'a user of a super space': {
    key: async (server) => (await member(server, 'sip.localhost', false)).key,
    refused: { admin: AREA, super: AREA },
  },
  'a blocked admin': {
    key: async (server) => {
      const { id, key } = await member(server, domain, true);
      await ask(server, `/api/accounts/${id}/block`, { method: 'POST', key: server.adminKey });
      return key;
    },
    refused: { user: BLOCKED, admin: BLOCKED, super: BLOCKED },
  },
  'an admin of another space': { key: async (server) => (await member(server, foreignDomain, true)).key, refused: { super: AREA } },
};

/** What a let-through request may be told of its parameters. */
const GOES_ON = [200, 201, 400, 404, 422];

describe('who may call what, over HTTP', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer();
    await createSpace(server, domain);
    await createSpace(server, foreignDomain);
  });
  afterAll(() => server[Symbol.asyncDispose]());

  /** Points at an account of the space that nobody else uses. */
  const call = async ({ method, path }: Route, key: string | undefined): Promise<Answer> => {
    const email = `target.${++people}@example.org`;
    const target = await createAccount(server, { username: `target.${people}`, domain, email });
    const filled = path
      .replace(':id', String(target.id))
      .replace(':sip', `${target.username}@${domain}`)
      .replace(':email', email)
      .replace(':domain', 'sip.nobody.org')
      .replace(/:(call|message)/, 'an-id-of-flexisip')
      .replaceAll(/:\w+/g, 'someone@sip.nobody.org');
    return ask(server, filled, { method, key, host: domain });
  };

  describe.each(Object.entries(kinds))('%s', (kind, { key, refused }) => {
    const answers = new Map<string, Promise<Answer>>();
    /** All rows at once: each has a caller and a target of its own, and to make them takes most of the time. */
    beforeAll(async () => {
      for (const [id, route] of Object.entries<Route>(routes)) {
        answers.set(
          id,
          key(server).then((its) => call(route, its)),
        );
      }
      await Promise.allSettled(answers.values()); // each test tells of its own
    });

    test.each(Object.entries<Route>(routes))('%s', async (id, route) => {
      const answer = await answers.get(id);
      if (answer === undefined) throw new Error('the row was not asked');
      const refusal = refused[route.access];
      if (refusal !== undefined) expect([answer.status, answer.json.message]).toEqual(refusal);
      else if (
        kind === 'an admin of another space' &&
        /:(id|email|sip)\b/.test(route.path) &&
        route.method !== 'PUT' &&
        route.access !== 'public'
      ) {
        expect(answer.status).toBe(UNKNOWN[0]);
      } else {
        expect(GOES_ON).toContain(answer.status);
        if (route.method === 'GET' && !route.path.includes(':domain')) expect(answer.status).toBe(200);
      }
      expect(answer.headers['content-type']).toBe('application/json');
    });
  });
});
