import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Caller, RouteId, SpaceIdentity } from '@flexistream/contracts';
import type { Answer, Call } from '@flexistream/http';
import { type CommandContext, fixedClock, isoMoment, uuidv7 } from '@flexistream/kernel';
import { silentLog } from '@flexistream/observability';
import { openEmbedded } from './embedded-infrastructure.ts';
import { type Services, startServices } from './process.ts';
import type { Definition } from './running-service.ts';

export interface TestHost extends AsyncDisposable {
  readonly services: Services;
  readonly clock: ReturnType<typeof fixedClock>;
  readonly folder: string;
  context(actor?: string): CommandContext;
  /** Calls a handler as the gateway would, by the name of its route. */
  call(route: RouteId, call?: Partial<Call<Caller | undefined>>): Promise<Answer>;
  /** Stops everything and starts it again on the same folder. */
  restart(): Promise<void>;
}

/** Services on their real embedded adapters in a temporary folder, with a clock that stands still. */
export const hostForTests = async (definitions: readonly Definition[]): Promise<TestHost> => {
  const folder = await mkdtemp(join(tmpdir(), 'flexistream-'));
  const clock = fixedClock();
  const start = async (): Promise<Services> =>
    startServices({ definitions, infrastructure: await openEmbedded({ folder, clock, threads: false }), log: silentLog(), clock });
  let services = await start();
  const context = (actor = 'public'): CommandContext => {
    const id = uuidv7(clock());
    return { id, correlation: id, actor, at: isoMoment(clock()) };
  };
  return {
    get services() {
      return services;
    },
    clock,
    folder,
    context,
    call: (route, call = {}) => {
      const handler = services.handlers[route] as ((call: Call<Caller | undefined>) => Promise<Answer>) | undefined;
      if (handler === undefined) throw new Error(`no service of this host handles ${route}`);
      return handler({
        ...emptyCall,
        context: context(call.caller === undefined ? 'public' : `account:${call.caller.accountId}`),
        ...call,
      });
    },
    restart: async () => {
      await services.stop();
      services = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await services.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

const emptyCall: Omit<Call<Caller | undefined>, 'context'> = {
  params: {},
  query: {},
  body: {},
  caller: undefined,
  hostSpace: undefined,
  origin: 'http://sip.example.org',
  path: '/api',
  language: 'en',
  address: '203.0.113.5',
  userAgent: 'a client',
};

/** A caller as the gateway makes it. */
export const callerOf = (space: SpaceIdentity, accountId: number, rights: Partial<Caller> = {}): Caller => ({
  accountId,
  username: `user${accountId}`,
  space,
  admin: false,
  superAdmin: false,
  via: 'key',
  ...rights,
});
