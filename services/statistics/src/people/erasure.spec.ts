import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Answer } from '@flexistream/http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { openWorld, type World } from '../spec-support/world.ts';

let world: World;
beforeEach(async () => {
  world = await openWorld();
});
afterEach(async () => world[Symbol.asyncDispose]());

const [mike, tony] = ['mike@sip.example.org', 'tony@sip.example.org'];
const [phone, tablet, tonys] = ['"<urn:uuid:phone-of-mike>"', '"<urn:uuid:tablet-of-mike>"', '"<urn:uuid:phone-of-tony>"'];

const announce = (id: string, from: string, to: string, devices: readonly string[] = []) =>
  world.host.call('announceCall', {
    caller: world.admin,
    body: { id, from, to, initiated_at: '2026-03-12T14:53:22Z', devices: Object.fromEntries(devices.map((device) => [device, null])) },
  });
const ring = (call: string, device: string) =>
  world.host.call('reportCallDevice', { caller: world.admin, params: { call, device }, body: { rang_at: '2026-03-12T14:53:23Z' } });
const answerMessage = (message: string, to: string, device: string) =>
  world.host.call('reportMessageDevice', {
    caller: world.admin,
    params: { message, to, device },
    body: { last_status: 200, received_at: '2026-03-12T14:53:23Z' },
  });
const calls = async (accountId: number) => {
  const answer: Answer = await world.host.call('readMyCalls', { caller: world.callerFor(accountId) });
  return (answer.json as { data: readonly Record<string, unknown>[] }).data;
};
const remove = async (accountId: number) => {
  world.accounts.delete(accountId);
  await world.tell('account.deleted.v1', accountId);
};

/** Which of the texts a number can still lead back to, read from the files. */
const known = async (address: string, ...devices: readonly string[]) => {
  await world.host.restart();
  return [...(await world.known('address', address)), ...(await world.known('device', ...devices))];
};

describe('after its account is deleted', () => {
  test('a person is a pseudonym in the rows of others, in both directions', async () => {
    await announce('in', tony, mike, [phone]);
    await ring('in', tablet);
    await announce('out', mike, tony, [tonys]);
    await ring('out', tonys);
    await remove(7);
    const rows = await calls(8);
    expect(rows).toHaveLength(2);
    for (const row of rows) expect(JSON.stringify(row)).not.toContain('mike');
    expect(rows.find(({ id }) => id === 'in')).toMatchObject({
      from_username: 'tony',
      to_username: 'anonymous',
      to_domain: 'anonymous.invalid',
      devices: [{ device_id: 'erased' }],
    });
    expect(rows.find(({ id }) => id === 'out')).toMatchObject({ from_username: 'anonymous', devices: [{ device_id: tonys }] });
  });

  test('whoever gets the name later has none of the calls', async () => {
    await announce('in', tony, mike);
    await remove(7);
    world.accounts.set(17, { ...(world.accounts.get(8) as never as object), id: 17, username: 'mike' } as never);
    expect(await calls(17)).toEqual([]);
    await announce('new', tony, mike);
    expect(await calls(17)).toMatchObject([{ id: 'new' }]);
  });

  test('a call that goes on can be ended and its devices reported', async () => {
    await announce('in', tony, mike, [phone]);
    await ring('in', phone);
    await remove(7);
    const ended = await world.host.call('endCall', {
      caller: world.admin,
      params: { call: 'in' },
      body: { ended_at: '2026-03-12T14:58:02Z' },
    });
    expect(ended).toMatchObject({ status: 200, json: { to_username: 'anonymous' } });
    expect(await ring('in', tablet)).toMatchObject({ status: 201, json: { device_id: tablet } });
    expect(await known(tony, tablet)).toEqual([tony]);
  });

  test.each([
    ['seen by its announcement', async () => void (await announce('in', tony, mike, [phone]))],
    [
      'seen by reports that overtook the announcement',
      async () => {
        await ring('in', phone);
        await announce('in', tony, mike);
      },
    ],
    ['seen by the report of a message', async () => void (await answerMessage('text', mike, phone))],
    [
      'called before the account existed',
      async () => {
        const account = world.accounts.get(7);
        world.accounts.delete(7);
        await announce('in', tony, mike, [phone]);
        if (account !== undefined) world.accounts.set(7, account);
        await world.tell('account.created.v1', 7);
      },
    ],
    [
      'called under the name that the account got later',
      async () => {
        const account = world.accounts.get(7);
        if (account !== undefined) world.accounts.set(7, { ...account, username: 'michael' });
        await announce('in', tony, mike, [phone]);
        if (account !== undefined) world.accounts.set(7, account);
        await world.tell('account.access-changed.v1', 7);
      },
    ],
    [
      'seen while accounts was out of reach, and asked about since',
      async () => {
        world.unreachable = true;
        await announce('in', tony, mike, [phone]);
        world.unreachable = false;
        await world.runSchedules();
      },
    ],
  ])('neither the address nor the device is known any more: %s', async (_, happen) => {
    await happen();
    expect(await known(mike, phone)).toEqual([mike, phone]);
    await remove(7);
    expect(await known(mike, phone)).toEqual([]);
  });

  test('neither is known any more when the tie comes after the deletion', async () => {
    const asked = world.holdAccounts();
    const announced = announce('in', tony, mike, [phone]);
    const release = await asked;
    await remove(7);
    release();
    await announced;
    expect(await known(mike, phone)).toEqual([]);
    expect(await calls(8)).toMatchObject([{ to_username: 'anonymous' }]);
  });

  test('no file ever held them in clear', async () => {
    await announce('in', tony, mike, [phone]);
    await ring('in', phone);
    await answerMessage('text', mike, phone);
    await world.host.restart(); // closes every file, so that all is written
    const files = (await readdir(world.host.folder)).filter((name) => name.includes('.db'));
    const contents = await Promise.all(files.map((name) => readFile(join(world.host.folder, name))));
    const holding = (text: string) => files.filter((_, place) => contents[place]?.includes(text));
    expect(holding('2026-03-12T14:53:23.000Z')).toEqual(expect.arrayContaining([expect.stringMatching(/^statistics\.db/)]));
    for (const text of [mike, tony, 'urn:uuid:phone']) expect(holding(text)).toEqual([]);
  });

  test('once more changes nothing, and a report under the old name still counts for the other', async () => {
    await announce('in', tony, mike);
    await remove(7);
    await world.tell('account.deleted.v1', 7);
    await announce('late', tony, mike);
    expect(await calls(8)).toHaveLength(2);
  });
});

test('while accounts is out of reach every report is taken', async () => {
  world.unreachable = true;
  expect(await announce('in', tony, mike, [phone])).toMatchObject({ status: 200 });
  expect(await ring('in', phone)).toMatchObject({ status: 201 });
  expect(await answerMessage('text', mike, phone)).toMatchObject({ status: 201 });
});
