import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLog } from '@flexistream/observability';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { engineSettings } from './engine-settings.ts';
import { openInfrastructure } from './mixed-infrastructure.ts';
import { readSettings } from './settings.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flexistream-mixed-'));
});
afterEach(() => rm(folder, { recursive: true }));

const open = (addresses: Record<string, string>) =>
  openInfrastructure({ folder, threads: false, log: silentLog(), engines: readSettings(engineSettings, addresses) });

test('without an address everything is in the folder, and documents are written with the appends', async () => {
  const infrastructure = await open({});
  const stores = await infrastructure.stores('accounts');
  expect(stores.eventStore.appendsViews).toBe(true);
  await stores.close();
  await infrastructure.close();
  expect(await readdir(folder)).toEqual(
    expect.arrayContaining(['accounts.db', 'accounts.keys.db', 'bus.db', 'ephemeral.db', 'master.key']),
  );
});

test.each([
  ['EVENTSTORE_URL', 'esdb://127.0.0.1:1?tls=false', 'accounts.db'],
  ['MONGODB_URL', 'mongodb://127.0.0.1:1/', 'accounts.keys.db'],
])('%s does not take over a folder that holds %p', async (name, address, file) => {
  const infrastructure = await open({});
  await (await infrastructure.stores('accounts')).close();
  await infrastructure.close();
  const before = await readdir(folder);
  await expect(open({ [name]: address })).rejects.toMatchObject({
    code: 'service-host/engine-changed',
    message: expect.stringContaining(file),
  });
  expect(await readdir(folder)).toEqual(before);
  await (await open({})).close(); // the folder is free again
});
