import { trim } from './tidy.ts';

export interface SipAddress {
  /** As sent: letter case and percent signs are the caller's business. */
  readonly username: string;
  /** Lower case, without port. */
  readonly domain: string;
}

/** Neither blanks nor control characters, which no SIP address holds unescaped. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const clean = /^[^\s\u0000-\u001f\u007f]+$/;

/**
 * `user@domain`, `sip:user@domain:5060;transport=tls` or `"Name" <sip:user@domain>;tag=1`, split at the last `@` before the parameters
 * (spec auth-and-errors.md §6.1, statistics.md §6). Undefined without user, `@` or domain.
 */
export const sipAddressOf = (text: string): SipAddress | undefined => {
  const bare = withoutScheme(trim(withoutBrackets(text)));
  const at = lastAt(bare);
  const username = bare.slice(0, Math.max(at, 0));
  const domain = trim(hostOf(bare.slice(at + 1))).toLowerCase();
  return at > 0 && clean.test(username) && clean.test(domain) ? { username, domain } : undefined;
};

const withoutBrackets = (text: string): string => {
  const open = text.lastIndexOf('<');
  const close = text.indexOf('>', open);
  return open === -1 || close === -1 ? text : text.slice(open + 1, close);
};

const withoutScheme = (text: string): string => text.replace(/^sips?:/i, '');

/** A parameter may hold an `@`; a user part may hold a `;` all the same (`+33;phone-context=x@domain`). */
const lastAt = (text: string): number => {
  const beforeParameters = text.split(';', 1)[0]?.lastIndexOf('@') ?? -1;
  return beforeParameters === -1 ? text.lastIndexOf('@') : beforeParameters;
};

/** Without parameters, headers and port; an IPv6 address keeps its brackets. */
const hostOf = (text: string): string => /^(?:\[[^\]]*\]|[^:;?]*)/.exec(text)?.[0] ?? '';
