import { utf8 } from '../request/header-text.ts';

export interface Target {
  /** As received, without query: DIGEST compares it. */
  readonly path: string;
  /** As received, without `?`; undefined when there is none. */
  readonly query: string | undefined;
  /** Of a target in absolute form; it wins over `Host` (RFC 9112 §3.2.2). */
  readonly authority: string | undefined;
}

const absoluteForm = /^https?:\/\/([^/?#]*)/i;

export const targetOf = (url: string): Target => {
  if (url.startsWith('/')) return split(url, undefined);
  const authority = absoluteForm.exec(url);
  if (authority === null) return split(url, undefined);
  const rest = url.slice(authority[0].length);
  return split(rest.startsWith('/') ? rest : `/${rest}`, authority[1]);
};

const split = (url: string, authority: string | undefined): Target => {
  const mark = url.indexOf('?');
  return mark < 0 ? { path: url, query: undefined, authority } : { path: url.slice(0, mark), query: url.slice(mark + 1), authority };
};

const SLASH = 0x2f;
const escapedUnreserved = /%(?:2[DE]|5F|7E|3\d|[46][1-9A-F]|[57][0-9A])/gi;

/** What the router matches: trailing slashes are ignored, needless escapes undone (RFC 3986 §6.2.2.2). */
export const routedPath = (path: string): string => {
  let end = path.length;
  while (end > 1 && path.charCodeAt(end - 1) === SLASH) end--;
  const trimmed = end === path.length ? path : path.slice(0, end);
  return trimmed.includes('%')
    ? trimmed.replace(escapedUnreserved, (escaped) => String.fromCharCode(Number.parseInt(escaped.slice(1), 16)))
    : trimmed;
};

/** Percent-decoded once; `+` stays `+`. What is no escape is taken as it is: a lone `%` is a character. */
export const decodeSegment = (raw: string): string => {
  if (!raw.includes('%')) return utf8(raw);
  try {
    return decodeURIComponent(utf8(raw));
  } catch {
    return utf8(raw);
  }
};
