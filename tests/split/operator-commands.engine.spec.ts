import { rm } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { connectEventStoreDb, openEventStoreDb } from '@flexistream/event-store/eventstoredb';
import { uuidv7 } from '@flexistream/kernel';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openRedisEphemeral } from '../../packages/ephemeral/src/redis/index.ts';
import { openMongoClient } from '../../packages/mongodb/src/index.ts';
import { ask } from '../client.ts';
import { createAccount, createSpace } from '../population.ts';
import { temporaryFolder } from '../server-process.ts';
import type { ServiceChild } from './service-child.ts';
import { missingEngines, type Split, startSplit } from './start-split.ts';

const WITHIN_MS = 20_000;
const FAR_BEYOND = 1_000_000_000_000;

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  for (const deadline = Date.now() + WITHIN_MS; !(await holds()); await pause(100)) {
    if (Date.now() > deadline) throw new Error('it did not come to that');
  }
};

/** All that is read back of what was written. */
const answers = async (split: Split): Promise<readonly string[]> => {
  const paths = ['/api/accounts', '/api/accounts/2', '/api/accounts/3', '/api/spaces', '/api/accounts/2/statistics/calls'];
  const texts: string[] = [];
  for (const path of paths) {
    const { status, text } = await ask(split, path, { key: split.adminKey });
    texts.push(`${path} ${status} ${text.replaceAll(split.url, '')}`);
  }
  return texts;
};

/** A fact that no release has written: the account's view cannot read it. */
const poison = {
  id: uuidv7(),
  type: 'DetailsChanged',
  schema: 1,
  data: {},
  metadata: { command: uuidv7(), correlation: uuidv7(), actor: 'public', at: '2026-01-01T00:00:00.000Z' },
};
const POISONED = 'account-999';

const suite = missingEngines().length > 0 ? describe.skip : describe;

suite('commands of an operator on split processes', () => {
  let folder: string;
  let split: Split;
  let before: readonly string[];
  const accounts = (): ServiceChild => split.instance('accounts');
  const given = (name: string): string => accounts().env[name] ?? '';

  const onLog = async <T>(work: (log: ReturnType<typeof openEventStoreDb>) => Promise<T>): Promise<T> => {
    const connection = connectEventStoreDb(given('EVENTSTORE_URL'));
    const log = openEventStoreDb({ connection, prefixes: ['account-'], namespace: `${given('INSTALLATION')}.` });
    try {
      return await work(log);
    } finally {
      await log.close();
      await connection.close();
    }
  };

  /** What a restore leaves whose documents are newer than its log. */
  const putBeyond = async (): Promise<void> => {
    const client = openMongoClient(given('MONGODB_URL'));
    await client
      .db(`${given('INSTALLATION')}_accounts`)
      .collection('projections')
      .updateMany({ name: { $in: ['account', 'relay'] } }, { $set: { checkpoint: FAR_BEYOND } });
    await client.close();
  };

  beforeAll(async () => {
    folder = await temporaryFolder();
    split = await startSplit({ folder });
    await createSpace(split, 'sip.commands.org');
    for (const username of ['alice1', 'bobby1', 'carol1']) await createAccount(split, { username, domain: 'sip.commands.org' });
    expect((await ask(split, '/api/accounts/3', { method: 'DELETE', key: split.adminKey })).status).toBe(200);
    before = await answers(split);
  }, 60_000);
  afterAll(async () => {
    await split[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  });

  test('--help lists each with an example; a faulty variable ends with 2', async () => {
    const { code, stdout } = await accounts().run('--help');
    expect(code).toBe(0);
    for (const command of ['rebuild', 'parked', 'rewind', 'republish --from beginning'])
      expect(stdout).toContain(`node main.mjs ${command}`);
    const faulty = await accounts().run('rebuild', '--internal-port', 'many');
    expect([faulty.code, faulty.stderr]).toEqual([2, expect.stringContaining('INTERNAL_PORT')]);
  }, 30_000);

  test('parked lists what failed and tries it again, beside instances that serve', async () => {
    expect(await accounts().run('parked')).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing is parked') });
    await onLog((log) => log.append(POISONED, [poison], { expect: 'no-stream' }));
    await until(async () => (await accounts().run('parked')).stderr.includes(`of ${POISONED}: `));
    const again = await accounts().run('parked', POISONED);
    expect([again.code, again.stderr]).toEqual([1, expect.stringMatching(/of account-999 stay parked/)]);
    await onLog((log) => log.remove(POISONED));
    expect(await accounts().run('parked', POISONED)).toMatchObject({ code: 0, stderr: expect.stringContaining('nothing is parked') });
  }, 90_000);

  test('rebuild, rewind and republish are refused while an instance lives', async () => {
    for (const command of [['rebuild'], ['rewind'], ['republish', '--from', 'beginning']]) {
      const { code, stderr } = await accounts().run(...command);
      expect([code, stderr]).toEqual([1, expect.stringContaining('an instance of accounts is alive: stop every one of them first')]);
    }
    expect(await answers(split)).toEqual(before);
  }, 60_000);

  test('what stands beyond its log refuses to serve and names the commands; these heal it, and every answer is as before', async () => {
    expect(await split.stop()).toBe(0);
    await putBeyond();
    const refused = await accounts().run('serve');
    expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining(`stands at ${FAR_BEYOND}, the log ends at `)]);
    expect(refused.stderr).toMatch(
      /the projection account stands .*; rebuild heals it\n {2}the relay stands .*; republish --from POSITION heals it/,
    );
    const rebuilt = await accounts().run('rebuild');
    expect([rebuilt.code, rebuilt.stderr]).toEqual([
      0,
      expect.stringMatching(/accounts: 100 % of the log[\s\S]*accounts: rebuilt from [1-9]/),
    ]);
    expect(await accounts().run('republish', '--from', 'soon')).toMatchObject({ code: 1 });
    expect(await accounts().run('republish', '--from', 'beginning')).toMatchObject({ code: 0 });
    expect(await accounts().run('rewind')).toMatchObject({ code: 0 });
    split = await startSplit({ folder });
    expect(await answers(split)).toEqual(before);
  }, 120_000);

  test('no instance starts while a command is at work: it waits, and serves then', async () => {
    await accounts().kill();
    const ephemeral = openRedisEphemeral({ url: given('REDIS_URL'), prefix: given('INSTALLATION') });
    await ephemeral.set('held:accounts', 'of this test', { ttl: WITHIN_MS });
    const starting = accounts().start();
    await until(async () => accounts().output().includes("an operator's command is at work on accounts: not started yet"));
    await ephemeral.remove('held:accounts');
    await starting;
    await ephemeral.close();
  }, 60_000);
});
