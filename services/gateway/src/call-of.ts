import type { Caller } from '@flexistream/contracts';
import type { Call, JsonObject } from '@flexistream/http';
import { type CommandContext, isoMoment } from '@flexistream/kernel';
import { currentTraceparent } from '@flexistream/observability';
import type { Exchange } from './exchange.ts';
import { headerOf } from './request/header-text.ts';
import { queryOf } from './request/query.ts';
import type { Row } from './routing/route-table.ts';

export interface Checked {
  readonly row: Row;
  readonly params: Readonly<Record<string, string>>;
  readonly body: JsonObject;
  readonly caller: Caller | undefined;
  readonly now: number;
}

const none: JsonObject = Object.freeze({});
const noQuery: Readonly<Record<string, string>> = Object.freeze({});

/** What the handler sees. Writes take their parameters from the body only, reads from the query only (spec auth-and-errors.md §2). */
export const callOf = (exchange: Exchange, { row, params, body, caller, now }: Checked): Call => {
  const { arrival, target, request, language, hostSpace } = exchange;
  const reads = row.method === 'GET';
  return {
    params,
    query: reads ? queryOf(target.query) : noQuery,
    body: reads ? none : body,
    caller,
    hostSpace,
    origin: `${arrival.secure ? 'https' : 'http'}://${arrival.authority ?? 'localhost'}`,
    path: target.path,
    language,
    address: arrival.address,
    userAgent: headerOf(request.headers['user-agent']),
    context: contextOf(exchange, caller, now),
  };
};

const contextOf = ({ commandId, requestId, hostSpace }: Exchange, caller: Caller | undefined, now: number): CommandContext => {
  const space = caller?.space.id ?? hostSpace?.id;
  const traceparent = currentTraceparent();
  return {
    id: commandId,
    correlation: requestId,
    actor: caller === undefined ? 'public' : `account:${caller.accountId}`,
    at: isoMoment(now),
    ...(space === undefined ? {} : { space }),
    ...(traceparent === undefined ? {} : { traceparent }),
  };
};
