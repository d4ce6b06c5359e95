import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { openWorld, type World } from './spec-support/world.ts';

const secrets = {
  server: { host: 'smtp.needle.org', port: 25, username: 'needle-user', password: 'needle-password', from_address: 'needle@needle.org' },
  texts: {
    copyright_text: 'needle-copyright',
    newsletter_registration_address: 'needle@news.org',
    custom_provisioning_entries: '[a]\nb=needle-ini',
  },
};
const needles = [
  'smtp.needle.org',
  'needle-user',
  'needle-password',
  'needle@needle.org',
  'needle-copyright',
  'needle@news.org',
  'needle-ini',
];

const filesBelow = async (folder: string): Promise<string[]> => {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
};

const found = async (world: World): Promise<string[]> => {
  const contents = await Promise.all((await filesBelow(world.host.folder)).map((file) => readFile(file, 'latin1')));
  return needles.filter((needle) => contents.some((content) => content.includes(needle)));
};

describe('what is sealed of a space', () => {
  test('lies in no file once the space is deleted, and its password never did', async () => {
    await using world = await openWorld();
    await world.request('createSpace', { body: { name: 'A', domain: 'a.example.org', ...secrets.texts } });
    await world.request('setMailServer', { params: { domain: 'a.example.org' }, body: secrets.server });
    // The documents hold what the API shows; the password is not among it.
    expect(await found(world)).toEqual(needles.filter((needle) => needle !== 'needle-password'));
    await world.request('deleteSpace', { params: { domain: 'a.example.org' } });
    await world.host.restart(); // documents leave the WAL
    expect(await found(world)).toEqual([]);
  });

  test('reads as erased, and what was told of it holds ids only', async () => {
    await using world = await openWorld();
    await world.request('createSpace', { body: { name: 'A', domain: 'a.example.org', ...secrets.texts } });
    const id = (await world.resolve({ domain: 'a.example.org' }))?.id;
    await world.request('setMailServer', { params: { domain: 'a.example.org' }, body: secrets.server });
    await world.request('deleteSpace', { params: { domain: 'a.example.org' } });
    const own = await world.ports.journal.read(`space-${id}`);
    expect(own.map(({ type, data }) => [type, (data as { personal?: unknown }).personal])).toEqual([
      ['SpaceCreated', 'erased'],
      ['MailServerSet', 'erased'],
      ['SpaceDeleted', undefined],
    ]);
  });
});
