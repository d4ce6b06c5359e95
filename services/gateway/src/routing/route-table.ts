import { type Caller, pathAliases, type Route, type RouteId, routes } from '@flexistream/contracts';
import type { Handler } from '@flexistream/http';
import FindMyWay from 'find-my-way';
import { decodeSegment } from './path.ts';

/** Handlers as services give them; each knows more exactly who its caller is. */
export type Handlers = Readonly<Partial<Record<RouteId, Handler<never>>>>;

/** A row of the catalogue with what answers it. */
export interface Row extends Route {
  readonly id: RouteId;
  readonly handler: Handler<Caller | undefined>;
}

export interface Place {
  /** By method, HEAD included where it is allowed. */
  readonly rows: ReadonlyMap<string, Row>;
  /** For `Allow`. */
  readonly allowed: readonly string[];
}

export interface Found extends Place {
  readonly params: Readonly<Record<string, string>>;
}

export interface RouteTable {
  /** By the path alone: which methods it has is looked at afterwards (spec auth-and-errors.md §3, step 3). */
  find(path: string): Found | undefined;
}

/** find-my-way decodes in its own way; hidden behind characters that no request line holds, it leaves escapes to us. */
const PERCENT = '\ue000';
const HASH = '\ue001';
const hide = (path: string): string => path.replaceAll('%', PERCENT).replaceAll('#', HASH);
const show = (param: string): string => param.replaceAll(PERCENT, '%').replaceAll(HASH, '#');
const hides = /[%#]/;

/** Rows without a handler are not served: their paths are unknown. */
export const routeTable = (handlers: Handlers): RouteTable => {
  const router = FindMyWay({ caseSensitive: true, maxParamLength: 16_384 });
  for (const [path, place] of placesOf(handlers)) router.on('GET', path, nothing, place);
  return {
    find: (path) => {
      const hidden = hides.test(path);
      const found = router.find('GET', hidden ? hide(path) : path);
      if (found === null) return undefined;
      const { rows, allowed } = found.store as Place;
      const params: Record<string, string> = {};
      for (const name in found.params) {
        const raw = found.params[name] ?? '';
        if (raw === '') return undefined; // `//` inside is another path
        params[name] = decodeSegment(hidden ? show(raw) : raw);
      }
      return { rows, allowed, params };
    },
  };
};

const nothing = (): void => undefined;

const placesOf = (handlers: Handlers): Map<string, Place> => {
  const rows = Object.entries(routes).flatMap(([id, route]: [string, Route]) => {
    const handler = handlers[id as RouteId];
    return handler === undefined ? [] : [{ ...route, id: id as RouteId, handler: handler as Handler<Caller | undefined> }];
  });
  const places = new Map<string, Place>();
  for (const [path, those] of Map.groupBy(rows, (row) => row.path)) {
    const place = placeOf(those);
    for (const served of [path, ...aliasesOf(path)]) places.set(served, place);
  }
  return places;
};

const aliasesOf = (path: string): string[] =>
  pathAliases.flatMap(([ours, theirs]) => (path.startsWith(ours) ? [theirs + path.slice(ours.length)] : []));

const placeOf = (rows: readonly Row[]): Place => {
  const byMethod = new Map<string, Row>();
  for (const row of rows) {
    byMethod.set(row.method, row);
    if (row.method === 'GET' && row.changesState !== true) byMethod.set('HEAD', row);
  }
  return { rows: byMethod, allowed: [...byMethod.keys()] };
};
