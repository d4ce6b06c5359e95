import type { Caller, RouteId } from '@flexistream/contracts';
import { type CommandContext, isoMoment, uuidv7 } from '@flexistream/kernel';
import { silentLog } from '@flexistream/observability';
import { makeFirstAdmin, openEmbedded, readSettings, type Services, startServices } from '@flexistream/service-host';
import { definitions, servicesSettings } from '../services/standalone/src/definitions.ts';
import { ADMIN, firstStartEnvironment } from './processes.ts';

/** The services of standalone without its doors, to prepare data faster than HTTP would; what they write is what standalone writes. */
export interface InProcess {
  readonly services: Services;
  /** As the gateway calls the handler of a route, for the first admin. @throws what the handler throws. */
  call(route: RouteId, parts?: { params?: Record<string, string>; body?: object }): Promise<{ readonly json?: unknown }>;
  stop(): Promise<void>;
}

export const openInProcess = async (folder: string, { passive }: { readonly passive: boolean }): Promise<InProcess> => {
  const services = await startServices({
    definitions: definitions(readSettings(servicesSettings, {})),
    infrastructure: await openEmbedded({ folder }),
    log: silentLog(),
    passive,
  });
  const { FIRST_SPACE_DOMAIN, ...values } = firstStartEnvironment;
  await makeFirstAdmin(services.ask, { ...values, FIRST_SPACE_DOMAIN, FIRST_SPACE_HOST: '' }, contextOf('system:gateway'));
  const caller = await firstAdmin(services);
  return {
    services,
    call: (route, { params = {}, body = {} } = {}) => {
      const handler = services.handlers[route] as ((call: object) => Promise<{ json?: unknown }>) | undefined;
      if (handler === undefined) throw new Error(`nobody handles ${route}`);
      return handler({
        params,
        query: {},
        body,
        caller,
        hostSpace: caller.space,
        origin: 'http://127.0.0.1',
        path: '/api',
        language: 'en',
        address: '127.0.0.1',
        userAgent: 'bench',
        context: contextOf(`account:${caller.accountId}`),
      });
    },
    stop: () => services.stop(),
  };
};

const contextOf = (actor: string): CommandContext => {
  const id = uuidv7();
  return { id, correlation: id, actor, at: isoMoment(Date.now()) };
};

const firstAdmin = async ({ ask }: Services): Promise<Caller> => {
  const context = contextOf('system:gateway');
  const space = await ask('spaces.resolve', { domain: ADMIN.domain }, context);
  if (space === null) throw new Error('the first space is missing');
  const [account] = await ask('accounts.resolve', { spaceId: space.id, username: ADMIN.username }, context);
  if (account === undefined) throw new Error('the first admin is missing');
  return { accountId: account.id, username: account.username, space, admin: true, superAdmin: true, via: 'key', keyKind: 'admin' };
};

/** Many at once, so that they share commits. */
export const inParallel = async (count: number, atOnce: number, one: (index: number) => Promise<unknown>): Promise<void> => {
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
};
