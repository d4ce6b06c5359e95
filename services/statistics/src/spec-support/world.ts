import type { AccountIdentity, Caller, SpaceIdentity } from '@flexistream/contracts';
import { isFailure } from '@flexistream/http';
import { type Journal, stamp, Unavailable, uuidv7 } from '@flexistream/kernel';
import type { PseudonymKind, Pseudonyms } from '@flexistream/key-store';
import type { AnyService, Definition } from '@flexistream/service-host';
import { callerOf, hostForTests, type TestHost } from '@flexistream/service-host/for-tests';
import { statisticsService } from '../service.ts';

const spaceNamed = (domain: string, isSuper = false): SpaceIdentity => ({
  id: `space of ${domain}`,
  domain,
  host: domain,
  name: domain,
  realm: null,
  super: isSuper,
  expireAt: null,
});

const sipSpace = spaceNamed('sip.example.org');
const otherSpace = spaceNamed('sip.example.com');

const accountNamed = (id: number, username: string, space: SpaceIdentity): AccountIdentity => ({
  id,
  spaceId: space.id,
  username,
  domain: space.domain,
  admin: false,
  blocked: false,
  credentialVersion: 1,
  verifiers: [],
});

export interface World extends AsyncDisposable {
  readonly host: TestHost;
  /** Accounts that exist; to delete one is to take it out and to tell. */
  readonly accounts: Map<number, AccountIdentity>;
  /** While true, neither spaces nor accounts answer. */
  unreachable: boolean;
  /** Resolves once accounts has looked one up; its answer is held back until the result is called. */
  holdAccounts(): Promise<() => void>;
  /** What the service does by itself from time to time. */
  runSchedules(): Promise<void>;
  /** Accounts tells of one, and everybody has heard. */
  tell(type: 'account.created.v1' | 'account.access-changed.v1' | 'account.deleted.v1', accountId: number): Promise<void>;
  /** Those of the texts that a number can still lead back to. */
  known(kind: PseudonymKind, ...texts: readonly string[]): Promise<readonly string[]>;
  readonly admin: Caller;
  readonly superAdmin: Caller;
  callerFor(accountId: number): Caller;
}

/** Statistics on its real embedded adapters, beside stand-ins for the two services that it asks. */
export const openWorld = async (): Promise<World> => {
  const accounts = new Map([
    [7, accountNamed(7, 'mike', sipSpace)],
    [8, accountNamed(8, 'tony', sipSpace)],
    [9, accountNamed(9, 'jane', otherSpace)],
  ]);
  let journal: Journal | undefined;
  let held: (() => Promise<void>) | undefined;
  let pseudonyms: (() => Promise<Pseudonyms>) | undefined;
  const answering = <T>(answer: T): T => {
    if (world.unreachable) throw new Unavailable('out of reach');
    return answer;
  };
  const standIn = (name: 'spaces' | 'accounts', parts: Partial<AnyService>): AnyService => ({
    name,
    prefixes: [`${name}-`],
    handlers: {},
    answers: {},
    projections: [],
    publishes: () => [],
    reactions: [],
    schedules: [],
    ...parts,
  });
  const spacesStandIn: Definition = {
    name: 'spaces',
    make: () =>
      standIn('spaces', {
        answers: {
          'spaces.resolve': async ({ domain }: { domain: string }) =>
            answering([sipSpace, otherSpace].find((space) => space.domain === domain) ?? null),
        },
      }),
  };
  const accountsStandIn: Definition = {
    name: 'accounts',
    make: (ports) => {
      journal = ports.journal;
      const wanted = (asked: { id?: number; spaceId?: string; username?: string }) => (account: AccountIdentity) =>
        asked.id === undefined ? account.spaceId === asked.spaceId && account.username === asked.username : account.id === asked.id;
      return standIn('accounts', {
        answers: {
          'accounts.resolve': async (asked: object) => {
            const answer = answering([...accounts.values()].filter(wanted(asked)));
            await held?.();
            return answer;
          },
        },
        publishes: ({ type, data }) => [{ type, subject: String((data as { accountId: number }).accountId), data } as never],
      });
    },
  };
  const statistics: Definition = {
    name: 'statistics',
    make: (ports) => {
      pseudonyms = ports.pseudonyms;
      return statisticsService(ports, {});
    },
  };
  const host = await hostForTests([spacesStandIn, accountsStandIn, statistics]);
  const world: World = {
    host,
    accounts,
    unreachable: false,
    holdAccounts: () => {
      const asked = Promise.withResolvers<() => void>();
      const released = Promise.withResolvers<void>();
      held = () => {
        asked.resolve(released.resolve);
        return released.promise;
      };
      return asked.promise;
    },
    runSchedules: async () => {
      const { schedules = [] } = host.services.running.get('statistics')?.service ?? {};
      for (const { run } of schedules) await run(host.context());
    },
    tell: async (type, accountId) => {
      const stream = `accounts-${uuidv7()}`;
      const facts = [{ type, data: { accountId, spaceId: sipSpace.id } }];
      await journal?.append(
        stream,
        stamp(facts, stream, host.context(), () => 1),
        { expect: 'no-stream' },
      );
      await host.services.caughtUp();
    },
    known: async (kind, ...texts) => {
      const open = await pseudonyms?.();
      const found = await Promise.all(texts.map(async (text) => (await open?.find(kind, text)) !== undefined));
      return texts.filter((_, place) => found[place]);
    },
    admin: callerOf(sipSpace, 1, { admin: true }),
    superAdmin: callerOf(spaceNamed('super.example', true), 2, { admin: true, superAdmin: true }),
    callerFor: (id) => {
      const account = accounts.get(id);
      const space = account?.domain === otherSpace.domain ? otherSpace : sipSpace;
      return callerOf(space, id, { username: account?.username ?? '' });
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
  return world;
};

/** The failure that a request ends in: status, key of its text, fields in their order. */
export const failure = async (answer: Promise<unknown>) => {
  const error = await answer.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!isFailure(error)) throw new Error('it did not fail as documented');
  return { status: error.status, text: error.text?.key, fields: [...(error.errors?.keys() ?? [])] };
};
