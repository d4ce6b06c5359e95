/** Credentials as RFC 9110 §11.4 spells them: a scheme and named parameters. */
export interface Credentials {
  /** Lower case. */
  readonly scheme: string;
  /** Names in lower case. */
  readonly parameters: ReadonlyMap<string, string>;
}

const scheme = /^[ \t]*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:[ \t]+|$)/;
const name = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const equals = /[ \t]*=[ \t]*/y;
const quoted = /"((?:[^"\\]|\\.)*)"/sy;
/** More than a token: clients leave `uri` and others unquoted. */
const bare = /[^\s,"]+/y;
const separator = /[ \t]*(?:,[ \t]*)+|[ \t]*$/y;
const leading = /(?:[ \t]*,)*[ \t]*/y;

/**
 * Reads `Digest username="Mufasa", qop=auth, nc=00000001, …`: quoted strings with escapes, any order, any case of names, blanks
 * around `=` and `,`. Undefined when it is anything else, or when a parameter comes twice (RFC 9110 §11.2).
 */
export const parseCredentials = (header: string): Credentials | undefined => {
  const start = scheme.exec(header);
  if (start?.[1] === undefined) return undefined;
  const parameters = parseParameters(header, start[0].length);
  return parameters && { scheme: start[1].toLowerCase(), parameters };
};

const parseParameters = (text: string, from: number): Map<string, string> | undefined => {
  const parameters = new Map<string, string>();
  let at = from + (matchAt(leading, text, from)?.[0].length ?? 0);
  while (at < text.length) {
    const named = matchAt(name, text, at);
    const assigned = named && matchAt(equals, text, at + named[0].length);
    if (!named || !assigned) return undefined;
    at += named[0].length + assigned[0].length;
    const inQuotes = matchAt(quoted, text, at);
    const value = inQuotes ?? matchAt(bare, text, at);
    const key = named[0].toLowerCase();
    if (!value || parameters.has(key)) return undefined;
    parameters.set(key, inQuotes?.[1]?.replaceAll(/\\(.)/gs, '$1') ?? value[0]);
    at += value[0].length;
    const next = matchAt(separator, text, at);
    if (!next) return undefined;
    at += next[0].length;
  }
  return parameters;
};

const matchAt = (pattern: RegExp, text: string, at: number): RegExpExecArray | undefined => {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
};
