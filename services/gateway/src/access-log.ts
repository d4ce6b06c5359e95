import { histogram, type Log } from '@flexistream/observability';
import type { Exchange } from './exchange.ts';
import type { Row } from './routing/route-table.ts';

const duration = histogram('flexistream_http_request_duration', 'Time from the request line to the answer', 'ms');

/** One line per answer: the route's template, never path, query or credentials. */
export type AccessLog = (exchange: Exchange, status: number) => void;

/** These lines hold only what the gateway itself puts there; redacting them would cost more than the whole request. */
export const accessLog = (log: Log): AccessLog => {
  const lines = log.child({}, { redact: [] });
  return (exchange, status) => {
    const { row, requestId, accountId, via } = exchange;
    const elapsed = performance.now() - exchange.started;
    duration(elapsed, { route: row?.path ?? 'none', method: row?.method ?? 'none', status });
    const level = isRoutine(row, status) ? 'debug' : 'info';
    if (!lines.isLevelEnabled(level)) return;
    const durationMs = Math.round(elapsed * 10) / 10;
    lines[level]({ requestId, method: row?.method, route: row?.path, status, durationMs, accountId, via }, 'answered');
  };
};

/** Probes, reads that went well and the traffic of Flexisip: millions a day, and nobody looks for them in a log. */
const isRoutine = (row: Row | undefined, status: number): boolean =>
  status < 400 && (row === undefined || row.patient === true || (row.method === 'GET' && row.changesState !== true));
