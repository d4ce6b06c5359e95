import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { FailingJournal } from '../spec-support/failing-journal.ts';
import { openWorld, putBody, type World } from '../spec-support/world.ts';
import { registerStream } from './events.ts';

const params = { domain: 'a.example.org' };
let journal: FailingJournal;
let world: World;
let id: string;
beforeEach(async () => {
  journal = new FailingJournal();
  world = await openWorld({ journal: journal.over });
  await world.request('createSpace', { body: { name: 'A', domain: 'a.example.org', max_accounts: 5 } });
  id = (await world.resolve(params))?.id ?? '';
  world.accounts.present.set(id, 3);
});
afterEach(async () => world[Symbol.asyncDispose]());

const put = (more: Parameters<typeof putBody>[1], name = 'A') => world.request('updateSpace', { params, body: putBody(name, more) });
const registered = async () => (await world.request('readSpace', { params })).body.max_accounts;
/** What accounts enforces and what the API shows. */
const limits = async () => [world.accounts.limits.get(id), await registered()];

describe('the limit of a space', () => {
  test('is set at accounts by POST, and not for a space without', async () => {
    expect(await limits()).toEqual([5, 5]);
    await world.request('createSpace', { body: { name: 'B', domain: 'b.example.org' } });
    expect(world.accounts.limits.has((await world.resolve({ domain: 'b.example.org' }))?.id ?? '')).toBe(false);
  });

  test.each([4, 3, 0, 100])('is set at accounts by PUT: %d', async (max_accounts) => {
    expect((await put({ max_accounts })).status).toBe(200);
    expect(await limits()).toEqual([max_accounts, max_accounts]);
  });

  test('is not set below the number of accounts', async () => {
    expect(await put({ max_accounts: 2 })).toEqual({
      status: 422,
      body: { message: 'The max accounts must be at least 3.', errors: { max_accounts: ['The max accounts must be at least 3.'] } },
    });
    expect(await limits()).toEqual([5, 5]);
  });

  test('that stays needs no accounts, though they are more', async () => {
    world.accounts.present.set(id, 9);
    world.accounts.unreachable = true;
    expect(await put({ max_accounts: 5, hide_settings: true })).toMatchObject({ status: 200 });
  });

  test('that differs is not changed while accounts cannot be asked', async () => {
    world.accounts.unreachable = true;
    await expect(put({ max_accounts: 0 })).rejects.toMatchObject({ code: 'unavailable' });
    expect(await limits()).toEqual([5, 5]);
  });

  test('goes back at accounts when the request is refused for another reason', async () => {
    expect((await put({ max_accounts: 4 }, 'SUPER.example.org')).body.errors).toEqual({ name: ['The name has already been taken.'] });
    expect(await limits()).toEqual([5, 5]);
  });

  test('goes back at accounts when the register cannot be written', async () => {
    journal.kills = (stream) => stream === registerStream;
    await expect(put({ max_accounts: 4 })).rejects.toMatchObject({ code: 'unavailable' });
    journal.kills = () => false;
    expect(await limits()).toEqual([5, 5]);
  });

  test('of a crash between accounts and the register is mended by the sweep', async () => {
    world.accounts.limits.set(id, 4);
    await world.runSchedules();
    expect(await limits()).toEqual([5, 5]);
  });

  test('is the newest one, however two changes overtake one another', async () => {
    let overtaking = true;
    world.accounts.beforeSet = async (limit) => {
      if (limit !== 7 || !overtaking) return;
      overtaking = false;
      expect((await put({ max_accounts: 8 })).status).toBe(200);
    };
    expect((await put({ max_accounts: 7 })).status).toBe(200);
    expect(await limits()).toEqual([7, 7]);
  });

  test('is the newest one, though the sweep still asks for the former', async () => {
    let overtaking = true;
    world.accounts.beforeSet = async (limit) => {
      if (limit !== 5 || !overtaking) return;
      overtaking = false;
      expect((await put({ max_accounts: 8 })).status).toBe(200);
    };
    await world.runSchedules();
    expect(overtaking).toBe(false);
    expect(await limits()).toEqual([8, 8]);
  });

  test('answers all the same when accounts is gone after the change, and the sweep settles it', async () => {
    let asked = 0;
    world.accounts.beforeSet = async () => {
      world.accounts.unreachable = ++asked === 1;
    };
    expect(await put({ max_accounts: 9 })).toMatchObject({ status: 200, body: { max_accounts: 9 } });
    world.accounts.unreachable = false;
    world.accounts.limits.set(id, 1);
    await world.runSchedules();
    expect(await limits()).toEqual([9, 9]);
  });
});
