import { rm } from 'node:fs/promises';
import { expect, test } from '@jest/globals';
import { ask } from '../client.ts';
import { askByDigest } from '../digest.ts';
import { ADMIN_KEY, ADMIN_PASSWORD, runToEnd, startServer, temporaryFolder } from '../server-process.ts';
import { Random } from './random.ts';

const seed = Number(process.env.CRASH_SEED ?? Date.now() % 1_000_000);

test(`a first start that was killed is finished by the next one (CRASH_SEED=${seed})`, async () => {
  const random = new Random(seed);
  for (let round = 0; round < 4; round++) {
    const folder = await temporaryFolder();
    try {
      for (const kills of [1, 2]) await runToEnd([], { folder, killAfterMs: random.between(250, 450) + kills * 100 });
      await using server = await startServer({ folder });
      const spaces = await ask(server, '/api/spaces', { key: ADMIN_KEY });
      expect(spaces.json.map(({ domain }: { domain: string }) => domain)).toEqual(['sip.localhost']);
      const accounts = await ask(server, '/api/accounts', { key: ADMIN_KEY });
      expect(accounts.json.data).toEqual([expect.objectContaining({ username: 'admin', admin: true })]);
      const credentials = { username: 'admin', domain: 'sip.localhost', password: ADMIN_PASSWORD };
      expect((await askByDigest(server, credentials, '/api/accounts/me')).status).toBe(200);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
}, 60_000);
