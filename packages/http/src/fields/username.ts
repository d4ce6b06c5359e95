import { RE2JS } from 're2js';
import type { Rule } from './field.ts';

const compiled = (expression: string): RE2JS | undefined => {
  try {
    return RE2JS.compile(expression);
  } catch {
    return undefined;
  }
};

/**
 * `ACCOUNT_USERNAME_REGEX`: the pattern comes from the operator, so it runs in an engine of linear time.
 * @throws when the pattern cannot be compiled: refuse to start
 */
export const sipUsername = (pattern = '^[a-z0-9+_.-]*$'): Rule<string> => {
  const expression = RE2JS.compile(pattern);
  return (name) => (expression.matcher(name).find() ? undefined : { key: 'sip_username' });
};

/**
 * `ACCOUNT_BLACKLISTED_USERNAMES`, a comma list: an entry blocks the equal name and every name in which it matches as an
 * unanchored expression; what is no valid one (or holds `/`) blocks the equal name only (spec accounts.md §3). Entries are not trimmed.
 */
export const notBlacklisted = (list: string): Rule<string> => {
  const entries = list.split(',').filter((entry) => entry !== '');
  const names = new Set(entries);
  const expressions = entries.flatMap((entry) => (entry.includes('/') ? [] : (compiled(entry) ?? [])));
  return (name) =>
    names.has(name) || expressions.some((expression) => expression.matcher(name).find()) ? { key: 'username_used' } : undefined;
};
