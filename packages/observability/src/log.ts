import { type DestinationStream, type Logger, pino } from 'pino';

/** Structured logs; a child per request carries its ids. */
export type Log = Logger;

/** Names under which a secret or a personal value could be handed to a log by mistake; one level and two levels deep. */
const SECRET_NAMES = [
  'password',
  'old_password',
  'ha1',
  'verifiers',
  'passwords',
  'key',
  'api_key',
  'apiKey',
  'token',
  'account_creation_token',
  'code',
  'secret',
  'authorization',
  'cookie',
  'from',
  'personal',
  'username',
  'email',
  'phone',
  'ip',
  'address',
  'body',
  'headers',
  'url',
  'path',
  'query',
]; // prettier-ignore

/** JSON lines on stdout (or `destination`). An error's own properties are not logged: they may quote what a client sent. */
export const createLog = (options: { level?: string; name?: string; destination?: DestinationStream } = {}): Log =>
  pino(
    {
      level: options.level ?? 'info',
      base: { pid: process.pid, ...(options.name === undefined ? {} : { service: options.name }) },
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: { paths: SECRET_NAMES.flatMap((name) => [name, `*.${name}`]), censor: '[redacted]' },
      serializers: { err: describeError, error: describeError },
    },
    options.destination ?? pino.destination({ dest: 1, sync: false }),
  );

/** What a log may say of an error: its kind, code, text and stack, and those of its causes. */
export const describeError = (error: unknown): object => {
  if (!(error instanceof Error)) return { type: typeof error };
  const { name, message, stack, cause } = error;
  const reason = 'code' in error ? { reason: error.code } : {}; // not under the name `code`, which is redacted
  return { type: name, message, ...reason, stack, ...(cause === undefined ? {} : { cause: describeError(cause) }) };
};

export const silentLog = (): Log => pino({ level: 'silent' });
