import type { Answer } from '@flexistream/http';

export interface Readiness {
  readonly ready: boolean;
  /** What is not as it should be, for operators; no personal values. */
  readonly problems?: readonly string[];
}

const only = ['GET', 'HEAD'];

/** `/healthz` and `/readyz`, for orchestrators: no host, no login, no limit (spec auth-and-errors.md §14). Undefined for other paths. */
export const healthAnswer = async (
  path: string,
  method: string,
  ready: () => Readiness | Promise<Readiness>,
): Promise<Answer | undefined> => {
  if (path !== '/healthz' && path !== '/readyz') return undefined;
  if (!only.includes(method)) return { status: 405, json: { message: 'Method Not Allowed' }, headers: { Allow: only.join(', ') } };
  if (path === '/healthz') return { status: 200, json: { status: 'ok' } };
  const state = await ready();
  return { status: state.ready ? 200 : 503, json: { status: state.ready ? 'ready' : 'not ready', problems: state.problems ?? [] } };
};
