import { createHash } from 'node:crypto';
import type { AccountIdentity, SpaceIdentity } from '@flexistream/contracts';
import type { AnyService, Definition, Ports } from '@flexistream/service-host';
import { callerOf, hostForTests } from '@flexistream/service-host/for-tests';
import { tokensService } from '../service.ts';

export const space: SpaceIdentity = { id: 's', domain: 'd.org', host: 'd.org', name: 'd', realm: null, super: true, expireAt: null };

/** A stand-in for accounts: who is there, and which ids were fenced. */
export class Accounts {
  readonly there = new Map<number, AccountIdentity>();
  readonly fenced = new Set<number>();

  add(id: number, credentialVersion = 1): void {
    const who = { id, spaceId: 's', username: `user${id}`, domain: 'd.org', admin: true, blocked: false };
    this.there.set(id, { ...who, credentialVersion, verifiers: [] });
  }

  readonly definition: Definition = {
    name: 'accounts',
    make: () =>
      ({
        name: 'accounts',
        prefixes: ['account-'],
        handlers: {},
        answers: {
          'accounts.resolve': async ({ id }: { id: number }) => [this.there.get(id)].filter((one) => one !== undefined),
          'accounts.fence': async ({ accountId }: { accountId: number }) => {
            if (this.there.has(accountId)) return { state: 'created' };
            this.fenced.add(accountId);
            return { state: 'fenced' };
          },
        },
        projections: [],
        publishes: () => [],
        reactions: [],
        schedules: [],
      }) as AnyService,
  };
}

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Tokens on its real embedded adapters, beside a stand-in for accounts. */
export const world = async (settings: { keyMinutes?: number; tokenMinutes?: number } = {}) => {
  const accounts = new Accounts();
  const values = {
    APP_API_KEY_EXPIRATION_MINUTES: settings.keyMinutes ?? 60,
    APP_ACCOUNT_CREATION_TOKEN_EXPIRATION_MINUTES: settings.tokenMinutes ?? 0,
  };
  let ports: Ports | undefined;
  const make = (given: Ports): AnyService => {
    ports = given;
    return tokensService(given, values) as AnyService;
  };
  const host = await hostForTests([accounts.definition, { name: 'tokens', make }]);
  return {
    accounts,
    host,
    ports: (): Ports => {
      if (ports === undefined) throw new Error('not opened');
      return ports;
    },
    /** GET /accounts/me/api_key */
    newKey: async (accountId: number, address = '203.0.113.5', origin = 'http://d.org') =>
      host.call('createMyApiKey', { caller: callerOf(space, accountId), address, origin }),
    resolve: (key: string) => host.services.ask('tokens.resolveKey', { key: sha256(key) }, host.context()),
    /** POST /account_creation_tokens */
    newToken: async (): Promise<{ token: string; expire_at: string | null }> => {
      const answer = await host.call('createCreationToken', { caller: callerOf(space, 1, { admin: true }) });
      return answer.json as { token: string; expire_at: string | null };
    },
    reserve: (token: string, accountId: number) => host.services.ask('tokens.reserve', { token, accountId }, host.context()),
    state: async (token: string) => (await host.services.ask('tokens.creationTokenState', { token }, host.context())).state,
    /** What the schedule does; its own rounds wait for the real clock. */
    sweep: async () => {
      const service = host.services.running.get('tokens')?.service;
      for (const schedule of service?.schedules ?? []) await schedule.run(host.context('system:tokens'));
    },
    /** What accounts would have published. */
    hear: async (type: string, data: object) => {
      const event = {
        type,
        data,
        source: 'accounts',
        subject: '1',
        correlation: 'c',
        time: host.context().at,
        sequence: 0,
        id: host.context().id,
      };
      const service = host.services.running.get('tokens')?.service;
      for (const reaction of service?.reactions ?? [])
        await reaction.handle({ specversion: '1.0', ...event } as never, host.context('system:tokens'));
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
};
