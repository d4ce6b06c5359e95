import type { Call, Handler, Json } from '@flexistream/http';
import { isFailure } from '@flexistream/http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { spacesService } from '../service.ts';
import { openWorld, putBody, type World } from '../spec-support/world.ts';
import { registerStream } from './events.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => world[Symbol.asyncDispose]());

type RouteName = 'createSpace' | 'updateSpace' | 'deleteSpace' | 'setMailServer';
type Instance = (route: RouteName, call: { body?: Record<string, Json>; domain?: string }) => Promise<number>;

/** Another process of the same service: nothing but the stores is shared. Answers the status. */
const instance = (): Instance => {
  const { handlers } = spacesService(world.ports, { APP_ROOT_HOST: '', DEFAULT_SPACE: '' });
  return async (route, { body = {}, domain = '' }) => {
    const handler = handlers[route] as Handler<never>;
    const call = { params: { domain }, body, language: 'en', context: world.host.context('account:1') };
    try {
      return (await handler(call as unknown as Call<never>)).status;
    } catch (error) {
      if (isFailure(error)) return error.status;
      throw error;
    }
  };
};

const times = <T>(n: number, work: (index: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, index) => work(index)));
const count = (statuses: readonly number[], status: number) => statuses.filter((one) => one === status).length;

describe.each([1, 4])('with %d instances', (n) => {
  let instances: Instance[];
  beforeEach(() => {
    instances = Array.from({ length: n }, instance);
  });
  const at = (index: number): Instance => instances[index % n] as Instance;

  test('of twenty parallel creations of one domain one is 201, the others 422', async () => {
    const statuses = await times(20, (index) =>
      at(index)('createSpace', { body: { name: `Name ${index}`, domain: 'a.example.org', host: `h${index}.example.org` } }),
    );
    expect([count(statuses, 201), count(statuses, 422)]).toEqual([1, 19]);
    expect((await world.request('listSpaces')).body).toHaveLength(2);
  });

  test.each<[string, (index: number) => Record<string, Json>]>([
    ['name', (index) => ({ name: index % 2 ? 'Same' : 'SAME', domain: `d${index}.example.org` })],
    ['host', (index) => ({ name: `Name ${index}`, domain: `d${index}.example.org`, host: 'same.example.org' })],
  ])('of twenty parallel creations with one %s one is 201', async (_what, body) => {
    const statuses = await times(20, (index) => at(index)('createSpace', { body: body(index) }));
    expect([count(statuses, 201), count(statuses, 422)]).toEqual([1, 19]);
  });

  test('twenty parallel creations of different spaces all succeed, each with a place of its own in the order', async () => {
    const statuses = await times(20, (index) => at(index)('createSpace', { body: { name: `N${index}`, domain: `d${index}.example.org` } }));
    expect(count(statuses, 201)).toBe(20);
    const numbers = (await world.ports.journal.read(registerStream)).map(({ data }) => (data as { number: number }).number);
    expect(numbers).toEqual(Array.from({ length: 21 }, (_, index) => index + 1));
  });

  test('two super spaces are not both ended at once', async () => {
    for (const name of ['b', 'c']) {
      await at(0)('createSpace', { body: { name, domain: `${name}.example.org`, super: true } });
    }
    const ends = ['super.example.org', 'b.example.org', 'c.example.org'].map((domain, index) =>
      index === 0
        ? at(index)('deleteSpace', { domain })
        : at(index)('updateSpace', { domain, body: putBody(domain, { host: null, super: false }) }),
    );
    const statuses = await Promise.all(ends);
    expect(count(statuses, 200)).toBe(2);
    expect(await world.host.services.ask('spaces.count', {}, world.host.context())).toMatchObject({ superSpaces: 1 });
  });

  test('parallel changes of one space end in one of them, whole, in stream, view and register alike', async () => {
    await at(0)('createSpace', { body: { name: 'A', domain: 'a.example.org' } });
    const statuses = await times(12, (index) =>
      at(index)('updateSpace', {
        domain: 'a.example.org',
        body: putBody(`A${index}`, { copyright_text: `text ${index}`, max_account: index, max_accounts: index }),
      }),
    );
    expect(count(statuses, 200)).toBe(12);
    const { name, copyright_text, max_account, max_accounts } = (await world.request('readSpace', { params: { domain: 'a.example.org' } }))
      .body;
    const last = Number(name.slice(1));
    expect([copyright_text, max_account, max_accounts]).toEqual([`text ${last}`, last, last]);
    const space = await world.resolve({ domain: 'a.example.org' });
    expect(space?.name).toBe(name);
    expect(world.accounts.limits.get(space?.id ?? '')).toBe(last);
    const facts = (await world.ports.journal.read(registerStream)).filter(({ data }) => (data as { space: string }).space === space?.id);
    const own = await world.ports.journal.read(`space-${space?.id}`);
    expect(own.map(({ type, data }) => [type, (data as { register: number }).register])).toEqual(
      facts.map(({ type, revision }) => [type, revision]),
    );
  });

  test('a mail server that is set while its space is deleted never outlives it', async () => {
    await at(0)('createSpace', { body: { name: 'A', domain: 'a.example.org' } });
    const id = (await world.resolve({ domain: 'a.example.org' }))?.id;
    const body = { host: 'smtp.example.org', port: 25 };
    const statuses = await Promise.all([
      ...Array.from({ length: 6 }, (_, index) =>
        at(index)('setMailServer', { domain: 'a.example.org', body: { ...body, port: index + 1 } }),
      ),
      at(6)('deleteSpace', { domain: 'a.example.org' }),
    ]);
    expect(statuses.at(-1)).toBe(200);
    expect(statuses.slice(0, -1).every((status) => [200, 201, 404].includes(status))).toBe(true);
    const own = await world.ports.journal.read(`space-${id}`);
    expect(own.at(-1)?.type).toBe('SpaceDeleted');
    expect(own.every(({ data }) => !('personal' in data) || data.personal === 'erased')).toBe(true);
  });
});
