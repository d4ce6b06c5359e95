import { execFile } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { environment, type ServerProcess, startServer } from '../server-process.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');

const asked = (server: ServerProcess, path: string, request: RequestInit = {}): Promise<Response> =>
  fetch(`${server.url}/api${path}`, { ...request, headers: { 'x-api-key': server.adminKey, 'content-type': 'application/json' } });

const write = async (server: ServerProcess, method: string, path: string, body: object): Promise<void> => {
  const { status } = await asked(server, path, { method, body: JSON.stringify(body) });
  expect(status).toBeLessThan(300);
};

/** All that is read back of what was written. */
const answers = async (server: ServerProcess): Promise<readonly string[]> => {
  const paths = ['/accounts', '/accounts/2', '/accounts/3', '/spaces', '/accounts/2/statistics/calls'];
  const texts: string[] = [];
  for (const path of paths) texts.push(`${path} ${(await (await asked(server, path)).text()).replaceAll(server.url, '')}`);
  return texts;
};

test('a folder that was copied while nothing ran answers as before, and the same again after its documents are rebuilt', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-restore-'));
  const [original, restored] = [join(folder, 'original'), join(folder, 'restored')];
  const at = '2026-11-24T12:00:00Z';
  try {
    let before: readonly string[];
    {
      await using server = await startServer({ folder: original });
      for (const username of ['alice1', 'bobby1', 'carol1'])
        await write(server, 'POST', '/accounts', { username, password: 's3cret!', algorithm: 'SHA-256' });
      expect((await asked(server, '/accounts/3', { method: 'DELETE' })).status).toBe(200);
      const call = {
        id: 'a'.repeat(64),
        from: 'sip:alice1@sip.localhost',
        to: 'sip:carol1@sip.localhost',
        initiated_at: at,
        ended_at: null,
      };
      await write(server, 'POST', '/statistics/calls', { ...call, conference_id: null });
      await write(server, 'PATCH', `/statistics/calls/${call.id}`, { ended_at: at });
      before = await answers(server);
      expect(await server.stop()).toBe(0);
    }
    expect(before.join('\n')).toContain('"username":"alice1"');
    expect(before.join('\n')).not.toContain('"username":"bobby1"');
    expect(before.at(-1)).toContain('a'.repeat(64));
    await cp(original, restored, { recursive: true });
    {
      await using server = await startServer({ folder: restored });
      expect(await answers(server)).toEqual(before);
      await server.stop();
    }
    const { stderr } = await run(process.execPath, ['services/standalone/src/main.ts', 'rebuild'], {
      cwd: root,
      env: environment(restored, {}),
    });
    expect(stderr).toMatch(/statistics: rebuilt from [1-9]\d* events/);
    await using server = await startServer({ folder: restored });
    expect(await answers(server)).toEqual(before);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
