import type { Document } from '../port.ts';

/**
 * Documents as MongoDB takes them: JSON, whose names must not be empty, hold a dot or a NUL, or begin with a dollar. Such names (a client
 * may choose some) are written with percent signs.
 * @throws TypeError when the document is no JSON.
 */
export const encoded = (document: Document): Document => renamed(JSON.parse(JSON.stringify(document)), encodedName) as Document;

export const decoded = (document: Document): Document => renamed(document, decodedName) as Document;

export const encodedName = (name: string): string =>
  name === '' ? '%' : name.replace(/^\$|[.%\0]/g, (sign) => `%${sign.charCodeAt(0).toString(16).padStart(2, '0')}`);

const decodedName = (name: string): string =>
  name === '%' ? '' : name.replace(/%([0-9a-f]{2})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));

const renamed = (value: unknown, rename: (name: string) => string): unknown => {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [rename(name), renamed(inner, rename)]));
};
