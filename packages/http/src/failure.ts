import type { TextKey } from './texts.ts';

/** A text of the catalogue with what stands in its places. */
export interface Text {
  readonly key: TextKey;
  readonly values?: Readonly<Record<string, string | number>>;
}

/** Ends a request with a documented status. `message` is a key of the catalogue; `errors` makes it the 422 shape. */
export class Failure extends Error {
  readonly code = 'http/failure';
  readonly status: number;
  readonly text: Text | undefined;
  readonly errors: Problems | undefined;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  constructor(status: number, text?: Text, more: { errors?: Problems; headers?: Record<string, string | readonly string[]> } = {}) {
    super(`answered with ${status}`);
    this.status = status;
    this.text = text;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
  }
}

/** Problems by field, in the order of the rules (spec auth-and-errors.md §10). A dotted name is a nested field. */
export type Problems = ReadonlyMap<string, readonly Text[]>;

export const isFailure = (error: unknown): error is Failure => error instanceof Error && 'code' in error && error.code === 'http/failure';

export const notFound = (): Failure => new Failure(404, { key: 'missing_elements' });
/** 403 before validation: no such space, or it is full (spec accounts.md §6). */
export const unauthorizedAction = (): Failure => new Failure(403, { key: 'unauthorized_action' });
/** 422: message = first text and how many more, errors by field. */
export const invalid = (errors: Problems): Failure => new Failure(422, undefined, { errors });
export const unavailable = (retryAfterSeconds = 1): Failure =>
  new Failure(503, { key: 'service_unavailable' }, { headers: { 'Retry-After': String(retryAfterSeconds) } });
