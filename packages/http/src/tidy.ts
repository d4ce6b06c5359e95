import type { JsonObject } from './body.ts';
import type { Json } from './call.ts';

/** Outer blanks of a password are part of it. Top-level members only (spec auth-and-errors.md §2). */
const untrimmed: ReadonlySet<string> = new Set(['password', 'password_confirmation', 'old_password']);

/**
 * Trims every text at any depth, passwords excepted, and turns empty ones into null, passwords included.
 * Works in place, for speed (the body was just parsed and has no other holder), and returns what it got.
 */
export const tidy = <T extends JsonObject>(body: T): T => {
  const members = body as Record<string, Json>;
  for (const name of Object.keys(members)) {
    const value = members[name] ?? null;
    const tidied = untrimmed.has(name) && typeof value === 'string' ? value || null : tidyValue(value);
    // Assigning to an own member called `__proto__` changes that member, never the prototype.
    if (tidied !== value) members[name] = tidied;
  }
  return body;
};

const tidyValue = (value: Json): Json => {
  if (typeof value === 'string') return trim(value) || null;
  if (typeof value !== 'object' || value === null) return value;
  const members = value as Record<string, Json>;
  for (const name of Object.keys(members)) {
    const member = members[name] ?? null;
    const tidied = tidyValue(member);
    if (tidied !== member) members[name] = tidied;
  }
  return value;
};

/** Without white space at both ends: Unicode's, U+FEFF and U+200B. */
export const trim = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isBlank(text.charCodeAt(start))) start++;
  while (end > start && isBlank(text.charCodeAt(end - 1))) end--;
  return start === 0 && end === text.length ? text : text.slice(start, end);
};

const otherBlanks = /[\s\u0085\u200b]/;

const isBlank = (code: number): boolean => {
  if (code <= 0x20) return code === 0x20 || (code >= 0x09 && code <= 0x0d);
  return code >= 0x85 && otherBlanks.test(String.fromCharCode(code));
};
