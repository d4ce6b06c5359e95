import { type Access, type Route, routes } from '@flexistream/contracts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type GatewayUnderTest, openGateway } from './spec-support/open-gateway.ts';

const HOST = 'sip.example.org';
const EXPIRED = Date.UTC(2025, 0, 1);

/** What each kind of caller gets, by the class of the route (spec auth-and-errors.md §3, §4, §8). */
const expected: Record<string, Record<Access, readonly [status: number, message?: string]>> = {
  none: {
    public: [200],
    user: [401, 'From header is required or invalid token'],
    admin: [401, 'From header is required or invalid token'],
    super: [401, 'From header is required or invalid token'],
  },
  'wrong key': {
    public: [200],
    user: [401, 'Invalid API Key'],
    admin: [401, 'Invalid API Key'],
    super: [401, 'Invalid API Key'],
  },
  user: { public: [200], user: [200], admin: [403, 'Unauthorized area'], super: [403, 'Unauthorized area'] },
  admin: { public: [200], user: [200], admin: [200], super: [403, 'Unauthorized area'] },
  'super admin': { public: [200], user: [200], admin: [200], super: [200] },
  'user of a super space': { public: [200], user: [200], admin: [403, 'Unauthorized area'], super: [403, 'Unauthorized area'] },
  'blocked admin': {
    public: [200],
    user: [403, 'Account blocked'],
    admin: [403, 'Account blocked'],
    super: [403, 'Account blocked'],
  },
  'admin of an expired space': {
    public: [200],
    user: [403, 'The related Space has expired'],
    admin: [403, 'The related Space has expired'],
    super: [403, 'The related Space has expired'],
  },
  'super admin of an expired space': { public: [200], user: [200], admin: [200], super: [200] },
  'admin on a host of nobody': {
    public: [404, 'Host not configured'],
    user: [404, 'Host not configured'],
    admin: [404, 'Host not configured'],
    super: [404, 'Host not configured'],
  },
  'nobody on a host of nobody': {
    public: [404, 'Host not configured'],
    user: [404, 'Host not configured'],
    admin: [404, 'Host not configured'],
    super: [404, 'Host not configured'],
  },
  "admin on another space's host": { public: [200], user: [200], admin: [200], super: [403, 'Unauthorized area'] },
  'admin on an address': { public: [200], user: [200], admin: [200], super: [403, 'Unauthorized area'] },
};

const headersOf: Record<string, Record<string, string>> = {
  none: { host: HOST },
  'wrong key': { host: HOST, 'x-api-key': 'of nobody' },
  user: { host: HOST, 'x-api-key': 'user' },
  admin: { host: HOST, 'x-api-key': 'admin' },
  'super admin': { host: HOST, 'x-api-key': 'super' },
  'user of a super space': { host: HOST, 'x-api-key': 'super-user' },
  'blocked admin': { host: HOST, 'x-api-key': 'blocked' },
  'admin of an expired space': { host: HOST, 'x-api-key': 'expired' },
  'super admin of an expired space': { host: HOST, 'x-api-key': 'expired-super' },
  'admin on a host of nobody': { host: 'nobody.example.org', 'x-api-key': 'admin' },
  'nobody on a host of nobody': { host: 'nobody.example.org' },
  "admin on another space's host": { host: 'super.example.org', 'x-api-key': 'admin' },
  'admin on an address': { host: '127.0.0.1:8080', 'x-api-key': 'admin' },
};

const populate = ({ backend }: GatewayUnderTest): void => {
  const space = backend.addSpace(HOST);
  const superSpace = backend.addSpace('super.example.org', { super: true });
  const expired = backend.addSpace('expired.example.org', { expireAt: EXPIRED });
  const expiredSuper = backend.addSpace('expired-super.example.org', { super: true, expireAt: EXPIRED });
  backend.addKey('user', backend.addAccount(space, 'user'));
  backend.addKey('admin', backend.addAccount(space, 'admin', { admin: true }));
  backend.addKey('super', backend.addAccount(superSpace, 'admin', { admin: true }));
  backend.addKey('super-user', backend.addAccount(superSpace, 'user'));
  backend.addKey('blocked', backend.addAccount(space, 'blocked', { admin: true, blocked: true }));
  backend.addKey('expired', backend.addAccount(expired, 'admin', { admin: true }));
  backend.addKey('expired-super', backend.addAccount(expiredSuper, 'admin', { admin: true }));
};

/** The gateway's own rows need no space. */
const expectationOf = (kind: string, { access, service }: Route) => (service === 'gateway' ? ([200] as const) : expected[kind]?.[access]);

describe('who may call what', () => {
  let gateway: GatewayUnderTest;
  beforeAll(async () => {
    gateway = await openGateway({ settings: { RATE_LIMIT_PER_MINUTE: '0' } });
    populate(gateway);
  });
  afterAll(async () => {
    await gateway[Symbol.asyncDispose]();
  });

  describe.each(Object.keys(expected))('%s', (kind) => {
    test.each(Object.entries<Route>(routes))('%s', async (id, route) => {
      const path = route.path.replaceAll(/:\w+/g, '1');
      const answer = await gateway.send(path, { method: route.method, headers: headersOf[kind] ?? {} });
      const [status, message] = expectationOf(kind, route) ?? [];
      expect([answer.status, answer.message]).toEqual([status, message]);
      expect(answer.headers['content-type']).toBe('application/json');
      if (status === 200 && id !== 'ping') expect(JSON.parse(answer.text)).toEqual({ route: id });
    });
  });
});
