import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { expect, test } from '@jest/globals';
import { runToEnd, startServer, temporaryFolder } from '../server-process.ts';

test('a folder of two instants: the start refuses and says what to do, `rewind` does it, and all is read again', async () => {
  const folder = await temporaryFolder();
  const offsets = (change?: string): readonly number[] => {
    const database = new DatabaseSync(join(folder, 'bus.db'));
    try {
      if (change !== undefined) database.exec(change);
      return database
        .prepare("SELECT position FROM offsets WHERE topic = 'flexistream.accounts' ORDER BY consumers")
        .all()
        .map(({ position }) => Number(position));
    } finally {
      database.close();
    }
  };
  const serveWith = async (username: string) => {
    await using server = await startServer({ folder });
    const body = JSON.stringify({ username, password: 's3cret!', algorithm: 'SHA-256' });
    const headers = { 'x-api-key': server.adminKey, 'content-type': 'application/json' };
    expect((await fetch(`${server.url}/api/accounts`, { method: 'POST', headers, body })).status).toBe(200);
    while (!offsets().every((position, _, all) => position > 0 && position === all[0])) await new Promise(setImmediate);
    expect(await server.stop()).toBe(0);
  };
  try {
    await serveWith('alice1');
    const read = offsets();
    expect(read.length).toBeGreaterThan(1);

    offsets('UPDATE offsets SET position = position + 1000');
    for (let start = 0; start < 2; start++) {
      const { code, stderr } = await runToEnd([], { folder });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^flexistream: group \w+ has read flexistream\.\w+ up to 10\d\d, but it ends at \d+: .* run the command `rewind` .*\n$/,
      );
    }
    const { code, stderr } = await runToEnd(['rewind'], { folder });
    expect(code).toBe(0);
    expect(stderr).toMatch(/^tokens: .*forgotten$/m);
    expect(offsets()).toEqual(read.map(() => 0));

    await serveWith('bobby1');
    expect(Math.min(...offsets())).toBeGreaterThan(Math.max(...read));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
