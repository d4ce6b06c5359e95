import { createHash } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { describe, expect, test } from '@jest/globals';
import { serveBy, startServer, startStandalone, temporaryFolder } from '../server-process.ts';

export type EngineName = 'EVENTSTORE_URL' | 'KAFKA_BROKERS' | 'MONGODB_URL' | 'REDIS_URL';

/**
 * The cases of tests/blackbox that the API's accounts and spaces are told by, asked of a standalone that has some ports on engines and the
 * others in its folder. What stands on the engines is named after the folder.
 */
export const onMix = async (...names: readonly EngineName[]): Promise<void> => {
  const missing = names.filter((name) => !process.env[name]);
  if (missing.length > 0) {
    describe('standalone on a mix of engines', () => test.skip(`without ${missing.join(', ')}`, () => {}));
    return;
  }
  const mix = Object.fromEntries(names.map((name) => [name, process.env[name]]));
  serveBy(async (options = {}) => {
    const folder = options.folder ?? (await temporaryFolder());
    const INSTALLATION = `x${createHash('sha256').update(folder).digest('hex').slice(0, 16)}`;
    const server = await startStandalone({ ...options, folder, env: { ...mix, INSTALLATION, ...options.env } });
    return {
      ...server,
      [Symbol.asyncDispose]: async () => {
        await server[Symbol.asyncDispose]();
        if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
      },
    };
  });
  test(`keeps nothing in its folder of what is on ${names.join(', ')}`, async () => {
    await using server = await startServer();
    const kept = new Set(await readdir(server.folder));
    const expected: Readonly<Record<EngineName, readonly string[]>> = {
      EVENTSTORE_URL: ['accounts.db', 'statistics.db'],
      KAFKA_BROKERS: ['bus.db'],
      MONGODB_URL: ['accounts.keys.db', 'accounts.documents.db'],
      REDIS_URL: ['ephemeral.db'],
    };
    for (const [engine, files] of Object.entries(expected) as [EngineName, readonly string[]][]) {
      const elsewhere = names.includes(engine);
      for (const file of files.slice(0, elsewhere ? undefined : 1)) expect([file, kept.has(file)]).toEqual([file, !elsewhere]);
    }
    expect(kept.has('accounts.documents.db')).toBe(names.includes('EVENTSTORE_URL') && !names.includes('MONGODB_URL'));
    expect(await server.stop()).toBe(0);
  });
  for (const suite of ['accounts', 'spaces']) await import(`../blackbox/${suite}.spec.ts`);
};
