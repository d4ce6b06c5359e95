import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openMongoClient } from '../../packages/mongodb/src/index.ts';
import { ask } from '../client.ts';
import { createAccount } from '../population.ts';
import { environment, runToEnd, startServer, temporaryFolder } from '../server-process.ts';
import { answersOf, domain, type Inhabitants, populate } from './small-installation.ts';
import { engines, missingEngines, startSplit } from './start-split.ts';

const missing = missingEngines();

/** What stands in each file, but in the lock and in what SQLite makes anew at each opening after a crash. */
const hashesOf = async (folder: string): Promise<Record<string, string>> => {
  const names = (await readdir(folder)).filter((name) => !name.endsWith('-shm') && !name.startsWith('lock.db')).sort();
  const hash = async (name: string) =>
    createHash('sha256')
      .update(await readFile(join(folder, name)))
      .digest('hex');
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await hash(name)] as const)));
};

let installations = 0;
const newInstallation = (): string => `m${process.pid}_${Date.now() % 1e9}_${installations++}`;
const engineAddresses = Object.fromEntries(engines.map((name) => [name, process.env[name]]));
const move = (folder: string, installation: string, ...args: string[]) =>
  runToEnd(['move', ...args], { folder, env: { ...engineAddresses, INSTALLATION: installation } });

/** Ends the move with kill -9 as soon as it tells of that phase. */
const killedAt = (folder: string, installation: string, phase: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    const env = environment(folder, { ...engineAddresses, INSTALLATION: installation });
    const child = spawn(process.execPath, ['services/standalone/src/main.ts', 'move'], { env, stdio: ['ignore', 'ignore', 'pipe'] });
    const lines: string[] = [];
    createInterface({ input: child.stderr }).on('line', (line) => {
      lines.push(line);
      if (phase.test(line)) child.kill('SIGKILL');
    });
    child.once('close', (_, signal) => (signal === 'SIGKILL' ? resolve(lines.join('\n')) : reject(new Error(lines.join('\n')))));
  });

/** Changes a profile, removes another and adds one, behind everybody's back. */
const tamper = async (installation: string, changed: string, removed: string): Promise<void> => {
  const client = openMongoClient(process.env.MONGODB_URL ?? '');
  try {
    const database = client.db(`${installation}_accounts`);
    const name = (await database.listCollections().toArray()).map((one) => one.name).find((one) => one.endsWith('.profiles')) ?? '';
    const documents = database.collection<{ _id: string; doc: object }>(name);
    const whole = await documents.findOne({ _id: changed });
    await documents.updateOne({ _id: changed }, { $set: { 'doc.username': 'somebody_else' } });
    await documents.deleteOne({ _id: removed });
    await documents.insertOne({ ...(whole ?? { doc: {} }), _id: '999' });
  } finally {
    await client.close();
  }
};

if (missing.length > 0) describe('moving', () => test.skip(`without ${missing.join(', ')}`, () => {}));
else
  describe('moving from a folder to the engines', () => {
    let folder: string;
    let inhabitants: Inhabitants;
    let before: readonly string[];

    beforeAll(async () => {
      folder = await temporaryFolder();
      await using server = await startServer({ folder });
      inhabitants = await populate(server);
      before = await answersOf(server, inhabitants);
      expect(await server.stop()).toBe(0);
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    const serve = async (installation: string) =>
      startSplit({ folder, env: { INSTALLATION: installation, MASTER_KEY: await readFile(join(folder, 'master.key'), 'utf8') } });

    test('split processes answer as the standalone did, and go on', async () => {
      const installation = newInstallation();
      const untouched = await hashesOf(folder);
      const moved = await move(folder, installation);
      expect([moved.code, moved.stderr]).toEqual([
        0,
        expect.stringMatching(/statistics: [1-9]\d* events, [1-9]\d* keys, [1-9]\d* documents/),
      ]);
      expect(moved.stderr).toContain(`${folder}/master.key`);
      expect(moved.stdout + moved.stderr).not.toContain((await readFile(join(folder, 'master.key'), 'utf8')).trim());
      expect(await hashesOf(folder)).toEqual(untouched);
      expect((await move(folder, installation, 'verify')).code).toBe(0);
      await using split = await serve(installation);
      expect(await answersOf(split, inhabitants)).toEqual(before);
      const again = { username: inhabitants.deleted.username, domain, password: 's3cret-again', algorithm: 'MD5' };
      const refused = await ask(split, '/api/accounts', { method: 'POST', key: split.adminKey, body: again });
      expect([refused.status, refused.json.errors]).toEqual([422, { username: ['The username has already been taken.'] }]);
      const ids = [...inhabitants.accounts, inhabitants.deleted].map(({ id }) => id);
      const heir = await createAccount(split, { username: 'newcomer', domain });
      expect(heir.id).toBeGreaterThan(Math.max(...ids) + 2); // one was closed with its space, one came by token
      const byToken = { username: 'late_token', password: 's3cret-token', algorithm: 'SHA-256', domain };
      const body = { ...byToken, account_creation_token: inhabitants.creationToken };
      expect((await ask(split, '/api/accounts/with-account-creation-token', { method: 'POST', body })).status).toBe(200);
      await split.stop();
      const late = await move(folder, installation);
      expect([late.code, late.stderr]).toEqual([1, expect.stringContaining('the target holds events of other origin')]);
    });

    test('goes on after a kill -9 at its keys, its events and its documents', async () => {
      const installation = newInstallation();
      for (const phase of [/^spaces: keys/, /^accounts: events/, /^statistics: events/, /^statistics: documents/])
        await killedAt(folder, installation, phase);
      const { code, stderr } = await move(folder, installation);
      expect([code, stderr]).toEqual([0, expect.stringContaining('all the same')]);
      await using split = await serve(installation);
      expect(await answersOf(split, inhabitants)).toEqual(before);
    });

    test('finds a document that is not what it was, one that is gone and one too many, and shows none', async () => {
      const installation = newInstallation();
      expect((await move(folder, installation)).code).toBe(0);
      const [first = '', second = ''] = inhabitants.accounts.map(({ id }) => String(id));
      await tamper(installation, first, second);
      const { code, stderr } = await move(folder, installation, 'verify');
      expect(code).toBe(1);
      expect(stderr).toContain(`accounts account profiles ${first}: different`);
      expect(stderr).toContain(`accounts account profiles ${second}: missing`);
      expect(stderr).toContain('accounts account profiles 999: only there');
      expect(stderr).toContain('3 documents are not what they are');
      expect(stderr).not.toContain('somebody_else');
      expect(stderr).not.toContain('person1');
      expect((await move(folder, installation)).code).toBe(0); // builds them anew
    });

    test('refuses a folder that a server holds, another master key, and what it was not told', async () => {
      const installation = newInstallation();
      {
        await using server = await startServer({ folder });
        const held = await move(folder, installation);
        expect([held.code, held.stderr]).toEqual([1, expect.stringContaining('is in use by another process')]);
        await server.stop();
      }
      const env = { ...engineAddresses, INSTALLATION: installation };
      const other = await runToEnd(['move'], { folder, env: { ...env, MASTER_KEY: 'f'.repeat(64) } });
      expect([other.code, other.stderr]).toEqual([1, expect.stringContaining('another master key')]);
      const untold = await runToEnd(['move'], { folder, env: { ...env, MONGODB_URL: undefined } });
      expect([untold.code, untold.stderr]).toEqual([2, expect.stringContaining('MONGODB_URL')]);
      const nowhere = await runToEnd(['move'], { folder: join(folder, 'tls'), env });
      expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('is no whole data folder')]);
    });

    test('takes what a server left that was killed', async () => {
      const killed = await temporaryFolder();
      try {
        {
          await using server = await startServer({ folder: killed });
          await populate(server, 3);
          await server.kill();
        }
        const untouched = await hashesOf(killed);
        const moved = await move(killed, newInstallation());
        expect([moved.code, moved.stderr]).toEqual([0, expect.stringMatching(/statistics: .* 27 documents compared: all the same/)]);
        expect(await hashesOf(killed)).toEqual(untouched);
      } finally {
        await rm(killed, { recursive: true, force: true });
      }
    });
  });
