import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { DataFolder } from './data-folder.ts';

let parent: string;
const children: ChildProcess[] = [];
let path: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'flexistream-folder-'));
  path = join(parent, 'data');
});
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await rm(parent, { recursive: true });
});

/** Another process that holds the folder until it is killed. */
const holder = async (): Promise<ChildProcess> => {
  const module = new URL('./data-folder.ts', import.meta.url).href;
  const script = `const { DataFolder } = await import('${module}'); DataFolder.open('${path}'); console.log('held'); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
};

const taken = () => expect.objectContaining({ code: 'sqlite/folder-taken', message: expect.stringContaining(path) });

describe('the data folder', () => {
  test('is made for its owner alone', () => {
    const folder = DataFolder.open(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(folder.file('accounts.db')).toBe(join(path, 'accounts.db'));
    folder.close();
  });

  test('is refused a second time while it is open, and free once it is closed', () => {
    const folder = DataFolder.open(path);
    expect(() => DataFolder.open(path)).toThrow(taken());
    folder.close();
    DataFolder.open(path).close();
  });

  test('is refused to a second process, and free when the first is killed', async () => {
    const child = await holder();
    expect(() => DataFolder.open(path)).toThrow(taken());
    child.kill('SIGKILL');
    await once(child, 'exit');
    DataFolder.open(path).close();
  });
});
