import { type RouteId, routes } from '@flexistream/contracts';
import type { Handler } from '@flexistream/http';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { routedPath, targetOf } from './path.ts';
import { routeTable } from './route-table.ts';

const handler: Handler<never> = async () => ({ status: 200 });
const table = routeTable(Object.fromEntries(Object.keys(routes).map((id) => [id, handler])) as Record<RouteId, Handler<never>>);
const find = (method: string, url: string) => {
  const found = table.find(routedPath(targetOf(url).path));
  return found && { id: found.rows.get(method)?.id, params: found.params, allowed: found.allowed };
};

const DEVICE = '"<urn:uuid:4bdbd35a-0af2-4a2b-8a2e-8b7a2d6c2f10>"';

describe('finding a route', () => {
  test.each([
    ['GET', '/api/ping', 'ping', {}],
    ['HEAD', '/api/ping///', 'ping', {}],
    ['GET', '/api/accounts/me', 'readMe', {}],
    ['GET', '/api/accounts/7?page=2', 'readAccount', { id: '7' }],
    ['POST', '/api/accounts/with-account-creation-token', 'createAccountWithToken', {}],
    ['POST', '/api/accounts/me/activate', 'activateAccount', { id: 'me' }],
    ['GET', '/api/accounts/me/statistics/calls', 'readMyCalls', {}],
    ['GET', '/api/accounts/+33612345678@sip.example.org/info', 'accountInfo', { sip: '+33612345678@sip.example.org' }],
    ['GET', '/api/accounts/a%2Fb%2B@c/info', 'accountInfo', { sip: 'a/b+@c' }],
    ['GET', '/api/accounts/100%/info', 'accountInfo', { sip: '100%' }],
    ['GET', '/api/accounts/%ff%41/info', 'accountInfo', { sip: '%ffA' }],
    ['GET', '/api/accounts/%2541/info', 'accountInfo', { sip: '%41' }],
    ['GET', '/api/accounts/a#b/info', 'accountInfo', { sip: 'a#b' }],
    ['GET', `/api/accounts/${Buffer.from('josé').toString('latin1')}@c/info`, 'accountInfo', { sip: 'josé@c' }],
    ['GET', 'http://sip.example.org/api/%70ing', 'ping', {}],
    ['PATCH', `/api/stats/calls/ab/devices/${DEVICE}`, 'reportCallDevice', { call: 'ab', device: DEVICE }],
    ['PATCH', `/api/statistics/calls/ab/devices/${encodeURIComponent(DEVICE)}`, 'reportCallDevice', { call: 'ab', device: DEVICE }],
    ['POST', '/api/stats/calls/', 'announceCall', {}],
  ])('%s %s', (method, url, id, params) => expect(find(method, url)).toMatchObject({ id, params }));

  test.each(['/', '', '*', '/api', '/api/nothing', '/api//ping', '/api/accounts//info', '/API/ping', '/api/ping/x', 'junk'])(
    'knows no %j',
    (url) => expect(find('GET', url)).toBeUndefined(),
  );

  test('allows HEAD on plain reads only', () => {
    expect(find('HEAD', '/api/accounts/me')?.allowed).toEqual(['GET', 'HEAD', 'DELETE']);
    expect(find('HEAD', '/api/accounts/me/api_key')).toMatchObject({ id: undefined, allowed: ['GET'] });
  });

  test('does not serve rows without a handler', () => expect(routeTable({}).find('/api/ping')).toBeUndefined());

  test('hands every text on as it was, encoded or raw', () => {
    const segment = fc.string({ unit: 'grapheme-ascii', minLength: 1 }).filter((text) => !/[/?#%]/.test(text) && text.trim() === text);
    fc.assert(
      fc.property(segment, (text) => {
        expect(find('GET', `/api/accounts/${encodeURIComponent(text)}/info`)?.params).toEqual({ sip: text });
        expect(find('GET', `/api/accounts/${text}/info`)?.params).toEqual({ sip: text });
      }),
    );
  });

  test('never throws', () => {
    fc.assert(fc.property(fc.string(), (text) => expect(() => find('GET', text)).not.toThrow()));
  });
});
