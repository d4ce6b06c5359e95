import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { numbered, numbersOf, times } from '../contract/setting.ts';
import { connectEventStoreDb, openEventStoreDb } from './index.ts';

const program = fileURLToPath(import.meta.resolve('@flexistream/eventstoredb-double/main'));
let folder: string;
let server: ChildProcess | undefined;

const start = async (port = 0): Promise<string> => {
  server = spawn(process.execPath, ['--no-warnings', program, '--folder', folder, '--port', `${port}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (server.stdout === null) throw new Error('no output');
  const [line] = await once(createInterface({ input: server.stdout }), 'line');
  return String(line);
};
const kill = async () => {
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  const ended = once(server, 'exit');
  server.kill('SIGKILL');
  await ended;
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'eventstoredb-process-'));
});
afterEach(async () => {
  await kill();
  await rm(folder, { recursive: true });
});

test('what was acknowledged outlives kill -9 of the server in mid-load, once, and what was not is done by its resend', async () => {
  const url = await start();
  const connection = connectEventStoreDb(url);
  const store = openEventStoreDb({ connection, prefixes: ['a-'], giveUpMs: 20_000 });
  let acknowledged = 0;
  const enough = Promise.withResolvers<void>();
  const appends = times(400, async (n) => {
    await new Promise((resolve) => setTimeout(resolve, n)); // spread over the kill
    await store.append(`a-${n}`, [numbered(n)], { expect: 'no-stream' });
    if (++acknowledged === 50) enough.resolve();
  });
  await enough.promise;
  await kill();
  await start(Number(new URL(url.replace('esdb:', 'http:')).port));
  await Promise.all(appends);
  const numbers = numbersOf(await store.readAll({ after: 0, limit: 1_000 })).map(Number);
  expect(numbers.toSorted((a, b) => a - b)).toEqual(times(400, (n) => n));
  await store.close();
  await connection.close();
});
