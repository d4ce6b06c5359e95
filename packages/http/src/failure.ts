import type { Text } from './texts.ts';

export type { Text } from './texts.ts';

/** Problems by field, in the order of the rules (spec auth-and-errors.md §10). A dotted name is a nested field. */
export type Problems = ReadonlyMap<string, readonly Text[]>;

type Headers = Readonly<Record<string, string | readonly string[]>>;

/**
 * Ends a request with a documented status. `text` is what `message` says; without it and without `errors` the message is empty.
 * `errors` makes it the 422 shape (with any status: the exchange of a request token answers 404 so).
 */
export class Failure extends Error {
  readonly code = 'http/failure';
  readonly status: number;
  readonly text: Text | undefined;
  readonly errors: Problems | undefined;
  readonly headers: Headers;
  constructor(status: number, text?: Text, more: { errors?: Problems; headers?: Headers } = {}) {
    super(`answered with ${status}`);
    this.status = status;
    this.text = text;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

export const isFailure = (error: unknown): error is Failure => error instanceof Error && 'code' in error && error.code === 'http/failure';

/** The status of any error: an unknown one is a 500. */
export const statusOf = (error: unknown): number => (isFailure(error) ? error.status : 500);

/** 404: every look-up by id, token or domain (spec auth-and-errors.md §9). */
export const notFound = (): Failure => new Failure(404, { key: 'missing_elements' });
/** 404 of a path that no route has; `path` as received, `/api/nothing`. */
export const routeUnknown = (path: string): Failure =>
  new Failure(404, { key: 'route_unknown', values: { path: withoutLeadingSlash(path) } });
/** 405 with `Allow`. */
export const methodUnsupported = (method: string, path: string, allowed: readonly string[]): Failure =>
  new Failure(
    405,
    { key: 'method_unsupported', values: { method, path: withoutLeadingSlash(path), allowed: allowed.join(', ') } },
    { headers: { Allow: allowed.join(', ') } },
  );
/** 400. Clients know it by its first words; what follows the colon is free. */
export const invalidJson = (reason = 'Syntax error'): Failure => new Failure(400, { key: 'invalid_json', values: { reason } });
/** 403 before validation: no such space, or it is full (spec accounts.md §6). */
export const unauthorizedAction = (): Failure => new Failure(403, { key: 'unauthorized_action' });
/** 413: larger than `MAX_BODY_BYTES` (spec README.md, decision 14). */
export const payloadTooLarge = (): Failure => new Failure(413, { key: 'payload_too_large' });
export const unsupportedMediaType = (): Failure => new Failure(415, { key: 'unsupported_media_type' });
/** 422: message = first text and how many more, errors by field. */
export const invalid = (errors: Problems): Failure => new Failure(422, undefined, { errors });
/** 422 of one text on one field. */
export const invalidField = (field: string, text: Text): Failure => invalid(new Map([[field, [text]]]));
export const tooManyAttempts = (headers: Headers): Failure => new Failure(429, { key: 'too_many_attempts' }, { headers });
export const unavailable = (retryAfterSeconds = 1): Failure =>
  new Failure(503, { key: 'service_unavailable' }, { headers: { 'Retry-After': String(retryAfterSeconds) } });

const withoutLeadingSlash = (path: string): string => path.replace(/^\/+/, '');
