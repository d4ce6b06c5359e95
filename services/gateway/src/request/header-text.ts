import { Buffer, isUtf8 } from 'node:buffer';

// biome-ignore lint/suspicious/noControlCharactersInRegex: the whole of ASCII is meant
const ascii = /^[\x00-\x7f]*$/;

/** Node hands header bytes as latin1; clients send UTF-8 (spec auth-and-errors.md §16, 2). */
export const utf8 = (text: string): string => {
  if (ascii.test(text)) return text;
  const bytes = Buffer.from(text, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : text;
};

/** The other way: text as the bytes of a header that we send. */
export const headerBytes = (text: string): string => (ascii.test(text) ? text : Buffer.from(text, 'utf8').toString('latin1'));

/** Repeated headers come as a list only for `set-cookie`; others are one text already. */
export const headerOf = (value: string | readonly string[] | undefined): string | undefined =>
  value === undefined || typeof value === 'string' ? value : value[0];
