import type { Caller, RouteId, SpaceIdentity } from '@flexistream/contracts';
import { type Answer, bodyOf, type Call, statusOf } from '@flexistream/http';
import type { Ports } from '@flexistream/service-host';
import { readSettings } from '@flexistream/service-host';
import { callerOf, hostForTests, type TestHost } from '@flexistream/service-host/for-tests';
import { accountsService, accountsSettings } from '../service.ts';
import { Neighbours, space } from './neighbours.ts';

/** A call as a spec writes it: failures come back as the answer that a client would get. */
export type Ask = (
  route: RouteId,
  call?: Partial<Call<Caller | undefined>>,
) => Promise<{ readonly status: number; readonly json: unknown } & Answer>;

export interface OpenAccounts extends AsyncDisposable {
  readonly host: TestHost;
  readonly neighbours: Neighbours;
  readonly ask: Ask;
  readonly ports: () => Ports;
  /** An admin of the space `one`, of `two`, and a super admin, of `top`. */
  readonly admin: Caller;
  readonly otherAdmin: Caller;
  readonly superAdmin: Caller;
  deleteSpace(id: string): Promise<void>;
}

export const one = space('one');
export const two = space('two', { realm: 'two.realm' });
export const top = space('top', { super: true });

export const openAccounts = async (
  environment: Record<string, string> = {},
  spaces: readonly SpaceIdentity[] = [one, two, top],
): Promise<OpenAccounts> => {
  const neighbours = new Neighbours(...spaces);
  const { definitions, spacesPorts } = neighbours.definitions();
  const settings = readSettings(accountsSettings, environment);
  let ports: Ports | undefined;
  const host = await hostForTests([
    ...definitions,
    {
      name: 'accounts',
      make: (made) => {
        ports = made;
        return accountsService(made, settings);
      },
    },
  ]);
  const admin = callerOf(one, 900_001, { admin: true });
  return {
    host,
    neighbours,
    admin,
    otherAdmin: callerOf(two, 900_002, { admin: true }),
    superAdmin: callerOf(top, 900_003, { admin: true, superAdmin: true }),
    ports: () => {
      if (ports === undefined) throw new Error('accounts are not made');
      return ports;
    },
    ask: async (route, call = {}) => {
      try {
        const answer = await host.call(route, call);
        return { json: undefined, ...answer };
      } catch (error) {
        const status = statusOf(error);
        if (status === 500) throw error;
        return { status, json: bodyOf(error, call.language ?? 'en') };
      }
    },
    deleteSpace: (id) => neighbours.deleteSpace(id, spacesPorts, host.context()),
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
};

/** A body that `POST /accounts` takes. */
export const body = (username: string, more: Record<string, unknown> = {}) =>
  ({ username, password: 's3cret!', algorithm: 'SHA-256', ...more }) as Call['body'];

/** The id of the account in an answer. */
export const idIn = ({ json }: { readonly json: unknown }): number => (json as { id: number }).id;
