import { createSecretKey } from 'node:crypto';
import type { Caller, ServiceName } from '@flexistream/contracts';
import { type Call, isFailure, notFound } from '@flexistream/http';
import { fixedClock, isUnavailable, uuidv7 } from '@flexistream/kernel';
import { silentLog } from '@flexistream/observability';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { request } from 'undici';
import type { AnyService } from '../service.ts';
import { InternalClient } from './client.ts';
import { IdentityTokens } from './identity.ts';
import { type InternalServer, startInternalServer } from './server.ts';

const key = createSecretKey(Buffer.alloc(32, 1));
const space = { id: 's', domain: 'd.org', host: 'd.org', name: 'd', realm: null, super: false, expireAt: null };
const caller: Caller = { accountId: 7, username: 'alice', space, admin: false, superAdmin: false, via: 'key' };
const context = () => ({ id: uuidv7(), correlation: 'c', actor: 'account:7', at: '2026-01-01T00:00:00.000Z' });
const seen: unknown[] = [];

const service = {
  name: 'accounts',
  prefixes: [],
  handlers: {
    readMe: async (call: Call<Caller>) => {
      seen.push(call);
      return { status: 200, json: { id: call.caller.accountId }, changed: ['account:7'] };
    },
    accountInfo: async () => {
      throw notFound();
    },
  },
  answers: {
    'accounts.hasAdmin': async (input: unknown, asked: { actor: string }) => {
      seen.push(asked.actor);
      return { hasAdmin: (input as { spaceIds: string[] }).spaceIds.includes('s') };
    },
  },
  projections: [],
  publishes: () => [],
  reactions: [],
  schedules: [],
} as unknown as AnyService;

const call = (who: Caller | undefined): Call => ({
  params: { id: '7' },
  query: {},
  body: { a: [1, null] },
  caller: who,
  hostSpace: space,
  origin: 'http://d.org',
  path: '/api/accounts/me',
  language: 'fr',
  address: '203.0.113.5',
  userAgent: undefined,
  context: context(),
});

describe('between processes', () => {
  let server: InternalServer;
  const client = (from: ServiceName, port: number, secret = key) =>
    new InternalClient({
      addresses: { accounts: ['http://127.0.0.1:1', `http://127.0.0.1:${port}`] },
      tokens: new IdentityTokens(secret, from),
    });
  beforeAll(async () => {
    const tokens = new IdentityTokens(key, 'accounts');
    server = await startInternalServer({ service: () => service, tokens, log: silentLog(), host: '127.0.0.1', port: 0, ready: () => true });
  });
  afterAll(() => server.close());

  test('a question is answered, at the instance that lives, in the name of the asking service', async () => {
    const asked = client('spaces', server.port);
    expect(await asked.ask('accounts.hasAdmin', { spaceIds: ['s'] }, context())).toEqual({ hasAdmin: true });
    expect(seen.at(-1)).toBe('system:spaces');
    await asked.close();
  });

  test('a call arrives whole, with the caller whom the gateway let in', async () => {
    const gateway = client('gateway', server.port);
    const handler = gateway.handlers().readMe as unknown as (call: Call) => Promise<unknown>;
    const sent = call(caller);
    expect(await handler(sent)).toEqual({ status: 200, json: { id: 7 }, changed: ['account:7'] });
    expect(seen.at(-1)).toEqual(sent);
    await gateway.close();
  });

  test('a failure is the same failure on the other side', async () => {
    const gateway = client('gateway', server.port);
    const handler = gateway.handlers().accountInfo as unknown as (call: Call) => Promise<unknown>;
    const error = await handler(call(undefined)).catch((caught: unknown) => caught);
    expect(isFailure(error) && [error.status, error.text]).toEqual([404, { key: 'missing_elements' }]);
    await gateway.close();
  });

  test.each([
    ['no identity', undefined],
    ['an identity of another key', () => new IdentityTokens(createSecretKey(Buffer.alloc(32, 2)), 'gateway').forCaller(caller, 'accounts')],
    ['an identity for another service', () => new IdentityTokens(key, 'gateway').forCaller(caller, 'tokens')],
  ])('%s is refused', async (_name, token) => {
    const headers = token === undefined ? {} : { authorization: `Bearer ${await token()}` };
    const { statusCode } = await request(`http://127.0.0.1:${server.port}/route/readMe`, {
      method: 'POST',
      headers,
      body: JSON.stringify(call(caller)),
    });
    expect(statusCode).toBe(401);
  });

  test('an identity is signed and checked once, and ends all the same', async () => {
    const clock = fixedClock();
    const [gateway, accounts] = [new IdentityTokens(key, 'gateway', clock), new IdentityTokens(key, 'accounts', clock)];
    const token = await gateway.forCaller({ ...caller }, 'accounts');
    expect(await gateway.forCaller({ ...caller }, 'accounts')).toBe(token);
    for (const other of [
      { ...caller, admin: true },
      { ...caller, space: { ...space, super: true } },
    ]) {
      expect(await gateway.forCaller(other, 'accounts')).not.toBe(token);
    }
    expect(await accounts.verify(token)).toEqual({ from: 'gateway', caller });
    expect(await accounts.verify(token)).toBe(await accounts.verify(token));
    clock.advance(1_000);
    expect(await gateway.forCaller({ ...caller }, 'accounts')).not.toBe(token);
    clock.advance(20_000);
    await expect(accounts.verify(token)).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' });
    expect(await accounts.verify(await gateway.forCaller(caller, 'accounts'))).toEqual({ from: 'gateway', caller });
  });

  test('a service that is not the gateway hands on nobody', async () => {
    const authorization = `Bearer ${await new IdentityTokens(key, 'tokens').forCaller(caller, 'accounts')}`;
    const { statusCode } = await request(`http://127.0.0.1:${server.port}/route/readMe`, {
      method: 'POST',
      headers: { authorization },
      body: JSON.stringify(call(caller)),
    });
    expect(statusCode).toBe(403);
  });

  test('nobody there is told as unavailable', async () => {
    const asked = new InternalClient({ addresses: { accounts: ['http://127.0.0.1:1'] }, tokens: new IdentityTokens(key, 'spaces') });
    const error = await asked.ask('accounts.hasAdmin', { spaceIds: [] }, context()).catch((caught: unknown) => caught);
    expect(isUnavailable(error)).toBe(true);
    await asked.close();
  });
});
