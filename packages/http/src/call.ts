import type { Caller, SpaceIdentity } from '@flexistream/contracts';
import type { CommandContext } from '@flexistream/kernel';

export type Language = 'en' | 'fr';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** One request as a handler sees it: parsed, trimmed, authenticated, its route's class checked. */
export interface Call<Who = Caller | undefined> {
  /** Path parameters, percent-decoded once. */
  readonly params: Readonly<Record<string, string>>;
  /** Query parameters; the last one counts when repeated. */
  readonly query: Readonly<Record<string, string>>;
  /** The JSON object of the body, strings trimmed and '' turned into null (spec auth-and-errors.md §2); {} when empty. */
  readonly body: Readonly<Record<string, Json>>;
  /** Present on every route but public ones. */
  readonly caller: Who;
  /** The space of the request's host, undefined for an unknown host on a public route. */
  readonly hostSpace: SpaceIdentity | undefined;
  /** Scheme and authority as the client used them, for links in answers: `https://host:8443`. */
  readonly origin: string;
  /** The request's path as received, without query. */
  readonly path: string;
  readonly language: Language;
  /** The client's address; IPv4 without the `::ffff:` prefix. */
  readonly address: string;
  readonly userAgent: string | undefined;
  /** The command that this request is: id, correlation, actor, moment. */
  readonly context: CommandContext;
}

/** What a handler answers. At most one of `json`, `text`; neither = an empty body. Always sent with Content-Length. */
export interface Answer {
  readonly status: number;
  readonly json?: unknown;
  /** A bare text body, e.g. `1`, `pong`, an API key. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** What this command changed, so that the gateway forgets it first: `account:<id>`, `account-keys:<id>`, `space:<id>`, `key:<sha-256 hex of the key>`. */
  readonly changed?: readonly string[];
}

export type Handler<Who = Caller> = (call: Call<Who>) => Promise<Answer>;

export const ok = (json: unknown, more: Omit<Answer, 'status' | 'json'> = {}): Answer => ({ status: 200, json, ...more });
export const created = (json: unknown, more: Omit<Answer, 'status' | 'json'> = {}): Answer => ({ status: 201, json, ...more });
/** 200 with an empty body (spec README.md, decision 8). */
export const empty = (more: Omit<Answer, 'status'> = {}): Answer => ({ status: 200, ...more });
/** Where the original prints `1`. */
export const one = (more: Omit<Answer, 'status'> = {}): Answer => ({ status: 200, text: '1', ...more });
