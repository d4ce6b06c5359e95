import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IntegrationEvent, KeyIdentity, SpaceIdentity } from '@flexistream/contracts';
import type { Answer } from '@flexistream/http';
import type { AnyService, Definition, Ports } from '@flexistream/service-host';
import { callerOf, hostForTests, type TestHost } from '@flexistream/service-host/for-tests';
import { tokensService } from '../service.ts';
import { Accounts } from './accounts.ts';
import { Life, mortalJournal } from './mortal.ts';

export const space: SpaceIdentity = { id: 's', domain: 'd.org', host: 'd.org', name: 'd', realm: null, super: true, expireAt: null };

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

export interface World extends AsyncDisposable {
  readonly host: TestHost;
  readonly accounts: Accounts;
  /** Of the process that serves: its appends and its questions to others. */
  readonly life: Life;
  /** What tokens told others. */
  readonly heard: readonly IntegrationEvent[];
  /** Read at each use, as a restart with another environment would set them. */
  readonly settings: { keyMinutes: number; tokenMinutes: number };
  ports(): Ports;
  /** GET /accounts/me/api_key */
  askForKey(accountId: number, call?: { address?: string; origin?: string }): Promise<Answer>;
  newKey(accountId: number): Promise<string>;
  resolve(key: string): Promise<KeyIdentity | null>;
  /** POST /account_creation_tokens */
  newToken(): Promise<string>;
  reserve(token: string, accountId: number): Promise<{ reserved: boolean; tokenId: string }>;
  release(tokenId: string, accountId: number): Promise<unknown>;
  markUsed(tokenId: string, accountId: number): Promise<unknown>;
  state(token: string): Promise<'usable' | 'expired' | 'unknown'>;
  /** What the schedules do; their own rounds wait for the real clock. */
  sweep(): Promise<void>;
  /** Stops everything and answers the names of the files that hold one of the texts. */
  filesWith(...texts: string[]): Promise<readonly string[]>;
}

/** Tokens on their real embedded adapters, beside a stand-in for accounts and a listener. */
export const openWorld = async (given: Partial<World['settings']> = {}): Promise<World> => {
  const accounts = new Accounts();
  const life = new Life();
  const heard: IntegrationEvent[] = [];
  const settings = { keyMinutes: 60, tokenMinutes: 0, ...given };
  let ports: Ports | undefined;
  const tokens: Definition = {
    name: 'tokens',
    make: (made) => {
      ports = { ...made, journal: mortalJournal(made.journal, life), ask: (...asked) => life.survive(() => made.ask(...asked)) };
      return tokensService(ports, {
        get APP_API_KEY_EXPIRATION_MINUTES() {
          return settings.keyMinutes;
        },
        get APP_ACCOUNT_CREATION_TOKEN_EXPIRATION_MINUTES() {
          return settings.tokenMinutes;
        },
      });
    },
  };
  const host = await hostForTests([accounts.definition, tokens, listener(heard)]);
  const ask: TestHost['services']['ask'] = (name, input) => host.services.ask(name, input, host.context('system:spec'));
  const here = host.context();
  return {
    host,
    accounts,
    life,
    heard,
    settings,
    ports: () => {
      if (ports === undefined) throw new Error('not opened');
      return ports;
    },
    askForKey: (accountId, call = {}) => host.call('createMyApiKey', { caller: callerOf(space, accountId), ...call }),
    newKey: async (accountId) => String((await host.call('createMyApiKey', { caller: callerOf(space, accountId) })).text),
    resolve: (key) => ask('tokens.resolveKey', { key: sha256(key) }, here),
    newToken: async () => {
      const answer = await host.call('createCreationToken', { caller: callerOf(space, 1, { admin: true }) });
      return (answer.json as { token: string }).token;
    },
    reserve: (token, accountId) => ask('tokens.reserve', { token, accountId }, here),
    release: (tokenId, accountId) => ask('tokens.release', { tokenId, accountId }, here),
    markUsed: (tokenId, accountId) => ask('tokens.markUsed', { tokenId, accountId }, here),
    state: async (token) => (await ask('tokens.creationTokenState', { token }, here)).state,
    sweep: async () => {
      for (const { run } of host.services.running.get('tokens')?.service.schedules ?? []) await run(host.context('system:tokens'));
    },
    filesWith: async (...texts) => {
      await host.services.stop();
      const files = await readdir(host.folder);
      const held = await Promise.all(files.map((file) => readFile(join(host.folder, file))));
      return files.filter((_, index) => texts.some((text) => held[index]?.includes(text)));
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
};

const listener = (heard: IntegrationEvent[]): Definition => ({
  name: 'notifications',
  make: () =>
    ({
      name: 'notifications',
      prefixes: ['delivery-'],
      handlers: {},
      answers: {},
      projections: [],
      publishes: () => [],
      reactions: [{ topics: ['tokens'], handle: async (event) => void heard.push(event) }],
      schedules: [],
    }) satisfies AnyService,
});
