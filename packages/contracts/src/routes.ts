/** Who may call a route (spec auth-and-errors.md §3, §8). */
export type Access = 'public' | 'user' | 'admin' | 'super';

export type ServiceName = 'gateway' | 'accounts' | 'spaces' | 'tokens' | 'notifications' | 'statistics';

export interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below the root; `:name` is one segment. */
  readonly path: string;
  readonly access: Access;
  readonly service: ServiceName;
  /** A GET that changes state: no HEAD, never cached (spec auth-and-errors.md §16, 15). */
  readonly changesState?: true;
  /** Flexisip's doors: never 429 or 503 to slow it down (spec statistics.md §1). */
  readonly patient?: true;
}

const route = <const R extends Route>(definition: R): R => definition;

const get = <const P extends string, const A extends Access, const S extends ServiceName>(service: S, access: A, path: P) =>
  route({ method: 'GET', path, access, service });
const post = <const P extends string, const A extends Access, const S extends ServiceName>(service: S, access: A, path: P) =>
  route({ method: 'POST', path, access, service });

/**
 * Every route that is served, and who may call it: the gateway builds its router from this table, each service must handle its
 * rows (it does not compile else), and the authorisation matrix test walks it. Literal segments win over parameters.
 */
export const routes = {
  ping: get('gateway', 'public', '/api/ping'),

  listSpaces: get('spaces', 'super', '/api/spaces'),
  readSpace: get('spaces', 'super', '/api/spaces/:domain'),
  createSpace: post('spaces', 'super', '/api/spaces'),
  updateSpace: route({ method: 'PUT', path: '/api/spaces/:domain', access: 'super', service: 'spaces' }),
  deleteSpace: route({ method: 'DELETE', path: '/api/spaces/:domain', access: 'super', service: 'spaces' }),
  readMailServer: get('spaces', 'super', '/api/spaces/:domain/email'),
  setMailServer: post('spaces', 'super', '/api/spaces/:domain/email'),
  removeMailServer: route({ method: 'DELETE', path: '/api/spaces/:domain/email', access: 'super', service: 'spaces' }),

  createAccount: post('accounts', 'admin', '/api/accounts'),
  createAccountWithToken: post('accounts', 'public', '/api/accounts/with-account-creation-token'),
  listAccounts: get('accounts', 'admin', '/api/accounts'),
  readAccount: get('accounts', 'admin', '/api/accounts/:id'),
  updateAccount: route({ method: 'PUT', path: '/api/accounts/:id', access: 'admin', service: 'accounts' }),
  deleteAccount: route({ method: 'DELETE', path: '/api/accounts/:id', access: 'admin', service: 'accounts' }),
  searchAccount: get('accounts', 'admin', '/api/accounts/:sip/search'),
  searchAccountByEmail: get('accounts', 'admin', '/api/accounts/:email/search-by-email'),
  accountInfo: get('accounts', 'public', '/api/accounts/:sip/info'),
  activateAccount: post('accounts', 'admin', '/api/accounts/:id/activate'),
  deactivateAccount: post('accounts', 'admin', '/api/accounts/:id/deactivate'),
  blockAccount: post('accounts', 'admin', '/api/accounts/:id/block'),
  unblockAccount: post('accounts', 'admin', '/api/accounts/:id/unblock'),
  provisionAccount: route({ method: 'GET', path: '/api/accounts/:id/provision', access: 'admin', service: 'accounts', changesState: true }),
  readMe: get('accounts', 'user', '/api/accounts/me'),
  deleteMe: route({ method: 'DELETE', path: '/api/accounts/me', access: 'user', service: 'accounts' }),
  provisionMe: route({ method: 'GET', path: '/api/accounts/me/provision', access: 'user', service: 'accounts', changesState: true }),
  changeMyPassword: post('accounts', 'user', '/api/accounts/me/password'),

  createMyApiKey: route({ method: 'GET', path: '/api/accounts/me/api_key', access: 'user', service: 'tokens', changesState: true }),
  createCreationToken: post('tokens', 'admin', '/api/account_creation_tokens'),

  announceMessage: route({ method: 'POST', path: '/api/statistics/messages', access: 'admin', service: 'statistics', patient: true }),
  reportMessageDevice: route({
    method: 'PATCH',
    path: '/api/statistics/messages/:message/to/:to/devices/:device',
    access: 'admin',
    service: 'statistics',
    patient: true,
  }),
  announceCall: route({ method: 'POST', path: '/api/statistics/calls', access: 'admin', service: 'statistics', patient: true }),
  reportCallDevice: route({
    method: 'PATCH',
    path: '/api/statistics/calls/:call/devices/:device',
    access: 'admin',
    service: 'statistics',
    patient: true,
  }),
  endCall: route({ method: 'PATCH', path: '/api/statistics/calls/:call', access: 'admin', service: 'statistics', patient: true }),
  readMyCalls: get('statistics', 'user', '/api/accounts/me/statistics/calls'),
  readCalls: get('statistics', 'admin', '/api/accounts/:id/statistics/calls'),
} as const satisfies Record<string, Route>;

export type RouteId = keyof typeof routes;

/** The rows of one service: it must handle exactly these. */
export type RoutesOf<S extends ServiceName> = { [Id in RouteId]: (typeof routes)[Id]['service'] extends S ? Id : never }[RouteId];

/** Flexisip's default prefix is served beside ours (spec statistics.md §11.1). */
export const pathAliases = [['/api/statistics/', '/api/stats/']] as const;
